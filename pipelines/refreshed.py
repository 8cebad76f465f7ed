"""How the rows of a model are refreshed in a night: those that rest on what was touched (see incremental.py for the schemas)."""

import duckdb
import pyarrow as pa

from connectors.engine import run, transaction
from pipelines import models, sums
from pipelines.touched import exchange, make, replace, touch
from pipelines.warehouse import create, look_in, make_model


def _refresh_person(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched people: all of them, or those since the change where the header names the instant."""
    if model.schema == "scratch.main":
        _make_unkept(con, "by_person", model.name)
        return
    since = model.header.get("since")
    table = f"{model.schema}.{model.name}"
    look_in(con, "by_person")
    make_model(con, model.name, "scratch.by_unit")
    look_in(con)
    later = f"AND old.{since} >= touched.since" if since else ""
    with transaction(con):
        run(
            con,
            f"DELETE FROM {table} AS old USING scratch.main.touched_people AS touched "
            f"WHERE old.person_id = touched.person_id {later}",
        )
        run(con, f"INSERT INTO {table} SELECT * FROM scratch.by_unit.{model.name}")
    run(con, f"DROP TABLE scratch.by_unit.{model.name}")
    of_people = "WHERE person_id IN (SELECT person_id FROM scratch.main.touched_people)"
    run(con, f"CREATE TABLE scratch.by_person.{model.name} AS SELECT * FROM {table} {of_people}")


def _refresh_journey(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched journeys."""
    if model.name == "journey_touches":
        touch(con, "touched_subjects", "by_journey.events", "touched_journeys")
        look_in(con, "by_journey")
        make_model(con, model.name, "scratch.by_unit")
        touch(con, "by_journey.journey_touches")
        look_in(con)
        return
    _make_unkept(con, "by_journey", model.name)
    if model.schema != "scratch.main":
        table = f"{model.schema}.{model.name}"
        replace(con, table, "journey_id", "touched_journeys", f"scratch.by_journey.{model.name}")


def _make_unkept(con: duckdb.DuckDBPyConnection, part: str, name: str) -> None:
    """Make a model's rows of a part; units of a KPI go where kpi_units finds them."""
    look_in(con, part)
    make_model(con, name, "scratch.by_unit" if name in models.kpi_models() else f"scratch.{part}")
    look_in(con)


def _refresh_as_of(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched journeys, and of those that as-of may find otherwise than before."""
    touch(con, "unsettled_journeys", "by_outcome.journeys")
    make(con, "by_outcome", model.name)
    old = f"FROM previous.main.{model.name} SEMI JOIN unsettled_journeys USING (journey_id)"
    exchange(con, f"{model.schema}.{model.name}", "journey_id", old, f"FROM scratch.by_outcome.{model.name}")


def _refresh_event(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of events whose rows are replaced."""
    make(con, "by_person", model.name)
    replace(con, f"{model.schema}.{model.name}", "event_no", "stale_events", f"scratch.by_person.{model.name}")
    run(con, f"DROP TABLE scratch.by_person.{model.name}")


def refresh_unit(con: duckdb.DuckDBPyConnection, model: models.Model, anew: set[str]) -> None:
    """Replace the units of touched people and journeys, where they are others; those of KPIs that are few are all looked at."""
    parts = {
        kpi: "none" if kpi in anew else "since" if "since" in of.header else of.partition
        for kpi, of in models.kpi_models().items()
    }
    create(con, "scratch.main.kpi_parts", pa.table({"kpi": list(parts), "part": list(parts.values())}))
    look_in(con, "by_unit")
    run(con, f"CREATE TABLE scratch.main.new_units AS {model.sql}")
    look_in(con)
    touch(con, "stale_units", "gone_units", "come_units")
    with transaction(con):
        run(
            con,
            f"DELETE FROM {model.schema}.{model.name} AS old USING gone_units AS gone WHERE old.kpi = gone.kpi AND old.unit_id = gone.unit_id",
        )
        run(con, f"INSERT INTO {model.schema}.{model.name} FROM come_units")
    touch(con, "by_unit.kpi_units")


REFRESH = {
    "person": _refresh_person,
    "journey": _refresh_journey,
    "as_of": _refresh_as_of,
    "event": _refresh_event,
    "sum": sums.add,
}
"""How the rows of a model are refreshed, by what they rest on."""
