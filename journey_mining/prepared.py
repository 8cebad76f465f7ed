"""Steps laid out once in a DuckDB database in memory: the tables that every query of this package reads.

base/load.sql explains `journeys`, `rows` and `observed`; base/visits.sql and base/steps_as_visits.sql `visits`. `steps`
are the rows with the names of one alphabet in the column `name`. Each log has a schema of its own; its alphabets have
one each, made when first asked for.
"""

import tempfile
import weakref
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias
from uuid import uuid4

import duckdb
from duckdb import ColumnExpression, StarExpression

from journey_mining import scripts
from journey_mining.errors import ArgumentError, LimitError, StepsError, unknown_name

By: TypeAlias = Literal["stage", "touchpoint", "event"]
ALPHABETS: tuple[By, ...] = ("stage", "touchpoint", "event")
"""Whose names an analysis may be about. By stage a run of steps is one visit; else every step counts."""
RESERVED = ("(start)", "(success)", "(dropped)", "(active)", "(open)", "(end)", "(ended)", "(other)", "(more)")
"""Names of our own, which no step may have."""
MEMORY_LIMIT = "1.5GB"
"""What DuckDB takes before it spills to disk, unless the caller says otherwise."""
HOW_TO_KEEP = "Name it in `keep` when you open the log."


@dataclass(frozen=True)
class Prepared:
    """Steps laid out for analysis in a database, the schemas in which they are looked for, and the statements that did it.

    `zone` is the time zone whose days are counted. `orders` says of an alphabet, where it is known, in which order its
    names are meant to come.
    """

    con: duckdb.DuckDBPyConnection = field(repr=False)
    path: tuple[str, ...]
    alphabets: tuple[By, ...]
    columns: tuple[str, ...]
    has_outcome: bool
    script: tuple[str, ...] = field(repr=False)
    zone: str = "UTC"
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    made_from: "Prepared | None" = field(default=None, repr=False, compare=False)

    @property
    def schema(self) -> str:
        """The schema that holds the tables of this log; the others hold those it was made from."""
        return self.path[0]


def connect(memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """Open a database in memory, in UTC, with the words of base/intervals.sql; over the limit it spills to disk."""
    # A folder of its own: DuckDB makes it when it first spills, and removes it; two databases would share files in one.
    spill = Path(tempfile.gettempdir()) / f"journey_mining-{uuid4()}"
    try:
        con = duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(spill)})
    except duckdb.Error as error:
        raise ArgumentError(f"memory_limit: {memory_limit!r} is no amount of memory; write '1GB' or '500MB'") from error
    con.execute("SET TimeZone = 'UTC'")
    con.execute(scripts.read("base/intervals"))
    return con


def execute(
    con: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run statements, each with the parameters that it names; return the connection, with the answer of the last.

    Raises `LimitError` where the memory limit is too low for what cannot be spilled.
    """
    try:
        for statement in con.extract_statements(text):
            con.execute(statement, {name: (parameters or {})[name] for name in statement.named_parameters} or None)
    except duckdb.OutOfMemoryException as error:
        ((limit,),) = con.execute("SELECT current_setting('memory_limit')").fetchall()
        raise LimitError(
            f"this needs more memory at once than {limit}; open or read the log with more, such as memory_limit='4GB'"
        ) from error
    return con


def new_schema(con: duckdb.DuckDBPyConnection, path: tuple[str, ...] = ("main",)) -> tuple[tuple[str, ...], str]:
    """Make the schema of one more log, and look there first, then in `path`; return the new path and the statements."""
    ((last,),) = con.execute(
        "SELECT max(schema_name[5:]::BIGINT) FROM duckdb_schemas() WHERE schema_name SIMILAR TO 'log_[0-9]+'"
    ).fetchall()
    return looking_first_in(con, f"log_{(last or 0) + 1}", path)


def looking_first_in(con: duckdb.DuckDBPyConnection, schema: str, path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Make a schema if there is none, and look there first, then in `path`; return the new path and the statements."""
    path = (schema, *path)
    text = f"CREATE SCHEMA IF NOT EXISTS {schema};\nSET search_path = '{','.join(path)}';"
    execute(con, text)
    return path, text


def dropped_when_forgotten(log: Prepared) -> None:
    """Give back the memory of a log that was made from another one when nobody holds it any more.

    A log holds the one it was made from, which has its types; so that goes after it.
    """
    weakref.finalize(log, drop_log, log.con, log.schema).atexit = False


def drop_log(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    """Drop the tables of a log and of its alphabets."""
    for name in (*(f"{schema}_{by}" for by in ALPHABETS), schema):
        _drop_schema(con, name)


def _drop_schema(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    with suppress(duckdb.ConnectionException), closing(con.cursor()) as own:  # closed: nothing is left to drop
        own.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def load(
    con: duckdb.DuckDBPyConnection,
    origin: tuple[str, ...],
    alphabets: tuple[By, ...],
    columns: tuple[str, ...] = (),
    has_outcome: bool = False,
    as_of: datetime | None = None,
) -> Prepared:
    """Make the tables of a log from the view `source`, which the statements `origin` make."""
    path, place = new_schema(con)
    text, parameters = scripts.read("base/load"), {"as_of": as_of}
    execute(con, text, parameters)
    con.execute("DROP VIEW source")
    script = (scripts.read("base/intervals"), *origin, place, scripts.shown(text, parameters))
    return Prepared(con, path, alphabets, columns, has_outcome, script)


def cursor(prepared: Prepared) -> duckdb.DuckDBPyConnection:
    """Return one more connection to the database of a log, in UTC."""
    try:
        con = prepared.con.cursor()
    except duckdb.ConnectionException as error:
        raise StepsError("log: it is closed, and so is every log made from it; open it again") from error
    con.execute("SET TimeZone = 'UTC'")
    return con


def looked_into(prepared: Prepared, by: By) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    """Return a connection on which queries find the tables of a log and an alphabet, and the statements to it."""
    if by not in prepared.alphabets:
        raise StepsError(f"by: {unknown_name('column', str(by), prepared.alphabets)}")
    con = cursor(prepared)
    schema = f"{prepared.schema}_{by}"
    is_new = not con.execute(
        "SELECT 1 FROM duckdb_schemas() WHERE schema_name = $schema", {"schema": schema}
    ).fetchall()
    _, place = looking_first_in(con, schema, prepared.path)
    steps = con.table("rows").select(ColumnExpression(by).alias("name"), StarExpression())
    visits = scripts.read("base/visits" if by == "stage" else "base/steps_as_visits")
    if is_new:
        try:
            steps.create_view("steps")
            _refuse_names(con, by)
            execute(con, visits)
        except BaseException:  # also one who is interrupted finds an alphabet whole or not at all
            con.close()
            _drop_schema(prepared.con, schema)
            raise
    made = (f"CREATE VIEW steps AS {steps.sql_query()};", visits.strip())
    return con, [*prepared.script, place, *made]


def _refuse_names(con: duckdb.DuckDBPyConnection, by: By) -> None:
    found = execute(con, scripts.read("base/unnamed"), {"reserved": list(RESERVED)}).fetchall()
    n_unnamed, reserved_name = found[0]
    if n_unnamed:
        raise StepsError(f"steps: {n_unnamed} rows lack {by}; leave them out")
    if reserved_name is not None:
        raise StepsError(f"steps: {by} {reserved_name!r} is a name of our own, for what is no {by}; rename it")


def require_alphabet(by: object) -> None:
    """Raise `ArgumentError` for what is no alphabet."""
    if by is not None and by not in ALPHABETS:
        raise ArgumentError(f"by: {unknown_name('column', str(by), ALPHABETS)}")
