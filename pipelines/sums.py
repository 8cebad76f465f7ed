"""Tables that sum over all people: a night takes off what changed people gave before, and adds what they give now.

The same SELECT gives a whole sum and a part of it. Its part is of changed people alone, read twice, in two schemas:

    before    from the published build, as it was published
    after     from the build that is being made

Changed are people whose journeys or units are others than before; of which something else has become, as as-of moves;
or that lie on a day which a period now holds and did not before, or the other way round. What is summed is whole
numbers and DECIMAL, so nothing is lost on the way.
"""

import duckdb

from connectors.engine import run, transaction
from pipelines import models
from pipelines.warehouse import look_in, make_model, make_part

PUBLISHED = ("previous.main", "previous.work", "scratch.main")
"""Where names are looked for to see tables as they were; what only this build has is found last."""


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Find the changed people, and what is counted of them, before and after."""
    make_part(con, "changed_clusters")
    for schema in ("before", "after"):
        run(con, f"CREATE SCHEMA scratch.{schema}")
        _look_in(con, schema)
        for table in ("journey_outcomes", "stage_visits", "journey_steps", "kpi_units"):
            make_part(con, f"counted.{table}", schema)
    look_in(con)


def make_parts(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make of a model what it counts of changed people, before and after."""
    for schema in ("before", "after"):
        _look_in(con, schema)
        make_model(con, name, f"scratch.{schema}")
    look_in(con)


def add(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Bring a sum up to date; a group that counts nothing any more is gone."""
    make_parts(con, model.name)
    names = {
        "table": f"{model.schema}.{model.name}",
        "name": model.name,
        "key": model.header["key"],
        "counts": f"COLUMNS(* EXCLUDE ({model.header['key']}))",
    }
    run(con, SUM.format(**names))
    with transaction(con):
        run(con, "TRUNCATE {table}".format(**names))
        run(con, "INSERT INTO {table} FROM scratch.main.new_sums WHERE greatest(*{counts}) > 0".format(**names))


SUM = """
CREATE OR REPLACE TABLE scratch.main.new_sums AS
SELECT {key}, sum({counts})
FROM (FROM {table} UNION ALL FROM scratch.after.{name} UNION ALL SELECT {key}, -{counts} FROM scratch.before.{name})
GROUP BY {key}
"""


def _look_in(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    look_in(con, schema, then=PUBLISHED if schema == "before" else None)
