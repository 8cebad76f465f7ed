"""The DuckDB file of a build, opened: `main` for analysts, `work` for the next build, and `scratch` for what only this build needs."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors.engine import connect, run
from pipelines import models
from pipelines.identity import make_identity_clusters

SCHEMAS = ("journeys.main", "journeys.work", "scratch.main")
MEMORY_LIMIT = "4GB"
NIGHTS = Path(__file__).parent / "nights"
"""What a night finds touched: a SELECT each, under a line that says what of."""


@contextmanager
def warehouse(
    folder: Path, readable: Iterable[Path], memory_limit: str, *, fills_holes: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open `journeys.duckdb` of a folder for building; what is spilled and what only this build needs goes with it.

    SQL may also read what lies in the folders `readable`. Holes that deleted rows have left are filled if `fills_holes`.
    """
    spill = folder / ".spill"
    spill.mkdir(mode=0o700, exist_ok=True)
    con = connect(
        folder / "journeys.duckdb",
        allowed=[*readable, folder],
        spill=spill,
        memory_limit=memory_limit,
        keeps_order=False,
        fills_holes=fills_holes,
    )
    try:
        # In memory, and spilled when it does not fit: a file would be compressed, which takes longer than its use.
        run(con, "ATTACH ':memory:' AS scratch")
        run(con, "CREATE SCHEMA IF NOT EXISTS journeys.work")
        prepare(con)
        look_in(con)
        yield con
    finally:
        con.close()
    shutil.rmtree(spill)


@contextmanager
def reading(folder: Path, memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open `journeys.duckdb` of a folder for questions; what they need beside it lies in memory, and is spilled when too large."""
    spill = folder / ".spill"
    spill.mkdir(mode=0o700, exist_ok=True)
    con = connect(allowed=[folder], spill=spill, memory_limit=memory_limit)
    try:
        attach(con, folder / "journeys.duckdb", "journeys", read_only=True)
        look_in(con, then=["memory.main", "journeys.main"])
        yield con
    finally:
        con.close()
    shutil.rmtree(spill)


def attach(con: duckdb.DuckDBPyConnection, path: Path, name: str, *, read_only: bool = False) -> None:
    """Attach another DuckDB file under a name of ours."""
    literal = str(path).replace("'", "''")
    run(con, f"ATTACH '{literal}' AS {name}{' (READ_ONLY)' if read_only else ''}")


def run_all(con: duckdb.DuckDBPyConnection, statements: str, params: Mapping[str, Any] | None = None) -> None:
    """Execute several statements, one after the other, each with the parameters that it names."""
    for statement in duckdb.extract_statements(statements):
        con.execute(statement, {name: (params or {})[name] for name in statement.named_parameters} or None).fetchall()


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection the words in which engines differ."""
    run_all(con, (models.SQL / "engine" / "duckdb.sql").read_text())


def look_in(con: duckdb.DuckDBPyConnection, *first: str, then: Iterable[str] | None = None) -> None:
    """Say in which schemas a bare name is looked for: in those of `scratch` named here, then everywhere, or in `then`.

    That is how one SELECT builds a whole table, or the part of it that a night has touched: the name `events` means all
    events, or those in the schema that is looked in first. A view looks in its own schema before.
    """
    path = ",".join([*(f"scratch.{schema}" for schema in first), *(then or SCHEMAS)])
    run(con, f"SET search_path = '{path}'")


def make_model(con: duckdb.DuckDBPyConnection, name: str, schema: str | None = None) -> None:
    """Make one table, where its header says or in `schema`: a model, or one of the steps that are Python."""
    if name == "identity_clusters":
        make_identity_clusters(con, schema or "scratch.main")
    elif name not in models.STEPS:
        model = models.models()[name]
        kind = "VIEW" if model.is_view else "TABLE"
        run(con, f"CREATE OR REPLACE {kind} {schema or model.schema}.{name} AS {model.sql}")


def make_part(con: duckdb.DuckDBPyConnection, name: str, schema: str | None = None) -> None:
    """Make a table of nights/: `name` in scratch.main, `part.name` in that part, or in the schema named."""
    model = models.parse(name, (NIGHTS / f"{name}.sql").read_text())
    part, _, table = name.rpartition(".")
    kind = "VIEW" if model.is_view else "TABLE"
    run(con, f"CREATE {kind} scratch.{schema or part or 'main'}.{table} AS {model.sql}")


def create(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Make a table, named with its schema, of what Python made."""
    con.register("made", rows)
    run(con, f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM made")
    con.unregister("made")
