"""The table of steps that the functions of this package take, and how their queries find it.

A row is one touch within a journey: `journey_id`, `person_id` (may be NULL), `step_number` (its order within the
journey, which is that of time), `occurred_at` (UTC), one or more of `stage`, `touchpoint` and `event`, and, optionally,
`outcome`: how the journey ended, one of 'succeeded', 'dropped', 'active' (these three are mature) and 'open' (too young
to tell), and `session_id`. A journey is one person's, or nobody's; so is a session. A session should lie in one journey
(`grains` tells of those that do not). Any other column may be asked for by name.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import Protocol, TypeAlias

import duckdb
import pandas as pd
from duckdb import ColumnExpression, ConstantExpression

from journey_mining import scripts
from journey_mining.columns import column_of, require_askable
from journey_mining.errors import StepsError, require_columns, unknown_name
from journey_mining.forms import given, unreadable
from journey_mining.prepared import (
    ALPHABETS,
    HOW_TO_KEEP,
    By,
    Prepared,
    connect,
    execute,
    load,
    looked_into,
    require_alphabet,
)

CONTRACT = ("journey_id", "person_id", "step_number", "occurred_at", *ALPHABETS, "outcome")
TYPES = {"step_number": "BIGINT", "occurred_at": "TIMESTAMP"}


class ArrowTable(Protocol):
    """Anything that hands out Arrow data: a pyarrow Table, a polars DataFrame."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Steps: TypeAlias = Prepared | pd.DataFrame | ArrowTable | duckdb.DuckDBPyRelation | str | PathLike[str]
"""A log, or a table of steps of any other form."""


@dataclass(frozen=True)
class Opened:
    """A connection on which the queries of this package find their tables, and the statements run so far.

    `zone` is the time zone whose days are counted; `order` has the names of the alphabet in the order they are meant to
    come in, where that is known.
    """

    con: duckdb.DuckDBPyConnection
    by: By
    script: list[str]
    zone: str = "UTC"
    order: tuple[str, ...] = ()

    def run(self, query: str, parameters: Mapping[str, object] | None = None) -> duckdb.DuckDBPyConnection:
        """Run `query`.sql, a file of this package, and return the connection, which holds the answer."""
        text = scripts.read(query)
        self.script.append(scripts.shown(text, parameters))
        return execute(self.con, text, parameters)

    def table(self, query: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Return the answer of `query`.sql as a table; its `attrs["sql"]` is the whole script that gives it."""
        found: pd.DataFrame = self.run(query, parameters).df()
        found.attrs["sql"] = "\n\n".join(self.script)
        return found

    def named_table(self, name: str, called: str) -> pd.DataFrame:
        """Return a table of this connection with its column `name` called otherwise; the script that gives it does so, too."""
        made = self.con.table(name)
        columns = {column: ColumnExpression(column) for column in made.columns}
        renamed = made.select(*(columns | {"name": columns["name"].alias(called)}).values())
        self.script.append(f"{renamed.sql_query()};")
        found: pd.DataFrame = renamed.df()
        found.attrs["sql"] = "\n\n".join(self.script)
        return found

    def view(self, name: str, relation: duckdb.DuckDBPyRelation) -> None:
        """Make a relation of this connection a view that queries read by its name."""
        text = f"CREATE TEMP VIEW {name} AS {relation.sql_query()};"
        self.script.append(text)
        execute(self.con, text)

    def put(self, name: str, table: pd.DataFrame) -> None:
        """Make a table of ours that queries read by its name, such as the steps of a funnel."""
        for text in scripts.values(name, table):
            self.script.append(text)
            execute(self.con, text)


def mined(
    query: str,
    steps: Steps,
    by: By | None = None,
    parameters: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Return the answer of one query over steps whose names are in the column `by`."""
    with opened(steps, by) as analysis:
        return analysis.table(query, parameters)


@contextmanager
def opened(
    steps: Steps, by: By | None = None, needs_outcome: bool = False, needs: Iterable[str] = (), instead: str = ""
) -> Iterator[Opened]:
    """Lend a connection of our own on which queries find `journeys`, `steps`, `visits` and `observed` (see prepared).

    `by` is the alphabet of `steps.name`, by default the first there is; `needs` names other columns that `steps` shall
    have. `instead` tells a caller who has no outcome what else to give.
    """
    require_alphabet(by)
    if isinstance(steps, Prepared):
        require_askable("log", needs, (*steps.alphabets, *steps.columns), hint=HOW_TO_KEEP)
        _require_outcome("log", not needs_outcome or steps.has_outcome, instead)
        by = by or steps.alphabets[0]
        con, script = looked_into(steps, by)
        with closing(con):
            yield Opened(con, by, script, steps.zone, steps.orders.get(by, ()))
        return
    with (
        closing(connect()) as database,
        opened(_prepare(database, steps, by, needs_outcome, tuple(needs), instead), by) as analysis,
    ):
        yield analysis


def _require_outcome(table: str, is_told: bool, instead: str) -> None:
    if not is_told:
        raise StepsError(
            f"{table}: nothing says how journeys ended; this analysis needs the column 'outcome': {instead and instead + ', or '}"
            "open a published workspace, or pass a table of steps that has it"
        )


def _prepare(
    con: duckdb.DuckDBPyConnection,
    steps: object,
    by: By | None,
    needs_outcome: bool,
    needs: tuple[str, ...],
    instead: str = "",
) -> Prepared:
    """Lay out a table of steps of any form; raise `StepsError` where it breaks the contract at the top of this module."""
    try:
        rows, origin = given(con, steps)
        there = tuple(name for name in ALPHABETS if name in rows.columns)
        names: tuple[By, ...] = (by,) if by else there[:1] or ALPHABETS[:1]
        has_outcome = "outcome" in rows.columns
        require_columns("steps", ("journey_id", "person_id", "step_number", "occurred_at", *names), rows.columns)
        require_askable("steps", needs, rows.columns)
        _require_outcome("steps", not needs_outcome or has_outcome, instead)
        columns = [_contract_column(name, rows.columns, (*names, *needs)) for name in CONTRACT]
        session = ("session_id",) if "session_id" in rows.columns else ()
        more = [name for name in dict.fromkeys((*session, *needs)) if name not in CONTRACT]
        source = rows.select(*columns, *(column_of(rows, name) for name in more))
        source.create_view("source")
        _refuse_faults(con, has_outcome)
        if session:
            refuse_shared_session(con)
        text = f"CREATE OR REPLACE TEMP VIEW source AS {source.sql_query()};"
        return load(con, (origin, text), names, tuple(more), has_outcome)
    except duckdb.Error as error:
        raise unreadable("steps", steps, error) from error


def _contract_column(name: str, there: Iterable[str], names: tuple[str, ...]) -> duckdb.Expression:
    """Return a column of the contract in its type; NULL where it is not there or not asked for."""
    is_wanted = name in there and (name not in ALPHABETS or name in names)
    column = ColumnExpression(name) if is_wanted else ConstantExpression(None)
    return column.cast(TYPES.get(name, "VARCHAR")).alias(name)


def refuse_shared_session(
    con: duckdb.DuckDBPyConnection, table: str = "steps", person: str = "person_id", session: str = "session_id"
) -> None:
    """Raise `StepsError` for a session of several people in the view `source`, by the names the caller knows."""
    shared_session = execute(con, scripts.read("base/shared_session")).fetchall()[0][0]
    if shared_session is not None:
        raise StepsError(
            f"{table}: several people have the session {shared_session!r}; a session is one person's: "
            f"make its name of {person} and {session}"
        )


def _refuse_faults(con: duckdb.DuckDBPyConnection, has_outcome: bool) -> None:
    """Raise `StepsError` where the rows break the contract: the numbers would be wrong without anybody noticing."""
    found = execute(con, scripts.read("base/faults")).fetchall()[0]
    n_incomplete, n_repeated, n_early, unknown_outcome, n_with_two_outcomes, n_without_outcome = found[:6]
    n_with_two_people, journey_with_two_people = found[6:]
    known = ["succeeded", "dropped", "active", "open"]
    complaints = [
        (n_incomplete, f"{n_incomplete} rows lack journey_id, step_number or occurred_at; leave them out"),
        (n_repeated, f"{n_repeated} rows repeat a step_number of their journey; number the steps in order"),
        (n_early, f"{n_early} rows are earlier than the step before them; number the steps in the order of time"),
        (unknown_outcome is not None, unknown_name("outcome", str(unknown_outcome), known)),
        (n_with_two_outcomes, f"{n_with_two_outcomes} journeys have several outcomes; one belongs to a journey"),
        (n_without_outcome and has_outcome, f"{n_without_outcome} journeys have no outcome; fill or drop the column"),
        (
            n_with_two_people,
            f"{n_with_two_people} journeys have several people, such as {journey_with_two_people!r}; "
            "a journey is one person's, or nobody's",
        ),
    ]
    for is_true, complaint in complaints:
        if is_true:
            raise StepsError(f"steps: {complaint}")
