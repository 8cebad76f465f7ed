"""The tables of a build over nothing, made one by one with the rows that a test draws."""

from datetime import datetime
from functools import cache

import duckdb
import pyarrow as pa

from connectors.engine import connect, run
from pipelines import models
from pipelines.deliveries import DELIVERIES, FROZEN_KPIS, LANDED, WITHDRAWN
from pipelines.table_shapes import SHAPES
from pipelines.tables import local_days
from pipelines.warehouse import make_model, prepare
from tests.drawn_defaults import Rows


@cache
def shapes() -> dict[str, dict[str, str]]:
    """Tell the columns and DuckDB types of every table that a model reads or is, by building all of them over nothing."""
    con = connect()
    prepare(con)
    given = {name: pa.schema(list(shape.items())) for name, shape in SHAPES.items()}
    given["landed_events"] = LANDED
    given["withdrawn_records"] = WITHDRAWN
    given["deliveries"] = DELIVERIES
    given["frozen_kpis"] = FROZEN_KPIS
    given["local_days"] = local_days(datetime(2024, 1, 1), datetime(2024, 1, 1), "UTC").schema
    for name, schema in given.items():
        con.from_arrow(schema.empty_table()).create(name)
    for name in models.build_order(models.models()):
        make_model(con, name, "main")
    found: dict[str, dict[str, str]] = {}
    columns = (
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index"
    )
    for table, column, kind in run(con, columns):
        found.setdefault(table, {})[column] = kind
    con.close()
    return found


def warehouse() -> duckdb.DuckDBPyConnection:
    """Open a connection in memory that knows the words of the models."""
    con = connect()
    prepare(con)
    return con


def pour(con: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """Make one table with the types it has in a build, and these rows."""
    drop(con, name)
    run(
        con,
        f"CREATE TABLE {name} (" + ", ".join(f'"{column}" {kind}' for column, kind in shapes()[name].items()) + ")",
    )
    if rows:
        con.register("poured", pa.Table.from_pylist(rows))
        run(con, f"INSERT INTO {name} BY NAME SELECT * FROM poured")
        con.unregister("poured")


def drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop a table, or the view in its place, if there is one."""
    for (kind,) in run(
        con, "SELECT table_type FROM information_schema.tables WHERE table_name = $name", {"name": name}
    ):
        run(con, f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")
