"""The table of steps: the only module that knows the forms it may have, and the one place where SQL is run.

A row is one touch within a journey: `journey_id`, `person_id` (may be NULL), `step_number` (its order within the
journey, which is that of time), `occurred_at` (UTC), `stage` and/or `touchpoint`, and, optionally, `outcome`: how the
journey ended, one of 'succeeded', 'dropped', 'active' (these three are mature) and 'open' (too young to tell).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.resources import files
from os import PathLike, fspath
from typing import Literal, Protocol, TypeAlias

import duckdb
import pandas as pd
from duckdb import ColumnExpression, ConstantExpression

from journey_mining.errors import ArgumentError, StepsError, require_columns, unknown_name


class ArrowTable(Protocol):
    """Anything that hands out Arrow data: a pyarrow Table, a polars DataFrame."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


Steps: TypeAlias = pd.DataFrame | ArrowTable | duckdb.DuckDBPyRelation | str | PathLike[str]
By: TypeAlias = Literal["stage", "touchpoint"]


def mined(
    query: str, steps: Steps, by: By, needs_outcome: bool = False, parameters: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Return the answer of one query over a table of steps whose names are in the column `by`."""
    with opened(steps, by, needs_outcome) as con:
        return run(con, query, parameters).df()


@contextmanager
def opened(steps: Steps, by: By, needs_outcome: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a connection of our own on which the queries of this package find their steps, journeys and visits."""
    if by not in ("stage", "touchpoint"):
        raise ArgumentError(f"by: {unknown_name('column', str(by), ['stage', 'touchpoint'])}")
    with closing(duckdb.connect()) as con:
        con.execute("SET TimeZone = 'UTC'")
        try:
            rows = _rows(con, steps, ("journey_id", "person_id", "step_number", "occurred_at", by), needs_outcome)
            _named(rows, by).create("steps")
        except duckdb.Error as error:
            raise StepsError(
                f"steps: cannot read {_shown(steps)} ({error}); give a pandas DataFrame, an Arrow table,"
                " a DuckDB relation, or the path of a Parquet file"
            ) from error
        _refuse_faults(con, by, has_outcome="outcome" in rows.columns)
        run(con, "views")
        yield con


def run(
    con: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None
) -> duckdb.DuckDBPyConnection:
    """Run `query`.sql, a file beside this one, and return the connection, which holds the answer."""
    return con.execute((files("journey_mining") / f"{query}.sql").read_text(encoding="utf-8"), parameters)


def _rows(
    con: duckdb.DuckDBPyConnection, steps: Steps, needed: tuple[str, ...], needs_outcome: bool
) -> duckdb.DuckDBPyRelation:
    """Return the steps, whatever their form, as a relation on our own connection, if they have the needed columns."""
    needed = (*needed, "outcome") if needs_outcome else needed
    match steps:
        case pd.DataFrame():
            require_columns("steps", needed, steps.columns)
            # The copy lays the columns out anew: a frame in reversed order is an error in DuckDB 2.0.
            return con.from_df(steps[_present(needed, steps.columns)].copy())
        case duckdb.DuckDBPyRelation():
            require_columns("steps", needed, steps.columns)
            # It lives on its owner's connection, in its owner's time zone: take the columns over as they are.
            taken = steps.select(*map(ColumnExpression, _present(needed, steps.columns)))
            return con.from_arrow(taken.to_arrow_table())
        case _:
            rows = con.read_parquet(fspath(steps)) if isinstance(steps, str | PathLike) else con.from_arrow(steps)
            require_columns("steps", needed, rows.columns)
            return rows


def _present(needed: Iterable[str], columns: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(name for name in (*needed, "outcome") if name in set(columns))]


def _shown(steps: object) -> str:
    return repr(fspath(steps)) if isinstance(steps, str | PathLike) else f"a {type(steps).__name__}"


def _named(rows: duckdb.DuckDBPyRelation, by: By) -> duckdb.DuckDBPyRelation:
    """Return the columns an analysis reads, in the types it expects, with `by` under the name `name`."""
    outcome = ColumnExpression("outcome") if "outcome" in rows.columns else ConstantExpression(None)
    return rows.select(
        ColumnExpression("journey_id").cast("VARCHAR").alias("journey_id"),
        ColumnExpression("person_id").cast("VARCHAR").alias("person_id"),
        ColumnExpression("step_number").cast("BIGINT").alias("step_number"),
        ColumnExpression("occurred_at").cast("TIMESTAMP").alias("occurred_at"),
        ColumnExpression(by).cast("VARCHAR").alias("name"),
        outcome.cast("VARCHAR").alias("outcome"),
        ConstantExpression(by == "touchpoint").alias("is_every_step_counted"),
    )


def _refuse_faults(con: duckdb.DuckDBPyConnection, by: By, has_outcome: bool) -> None:
    """Raise `StepsError` where the rows break the contract: the numbers would be wrong without anybody noticing."""
    found = run(con, "faults").fetchall()[0]
    n_incomplete, n_repeated, reserved_name, unknown_outcome, n_with_two_outcomes, n_without_outcome = found
    known = ["succeeded", "dropped", "active", "open"]
    complaints = [
        (n_incomplete, f"{n_incomplete} rows lack journey_id, step_number, occurred_at or {by}; leave them out"),
        (n_repeated, f"{n_repeated} rows repeat a step_number of their journey; number the steps in order"),
        (reserved_name is not None, f"{by} {reserved_name!r} is a name of our own, for what is no {by}; rename it"),
        (unknown_outcome is not None, unknown_name("outcome", str(unknown_outcome), known)),
        (n_with_two_outcomes, f"{n_with_two_outcomes} journeys have several outcomes; one belongs to a journey"),
        (n_without_outcome and has_outcome, f"{n_without_outcome} journeys have no outcome; fill or drop the column"),
    ]
    for is_true, complaint in complaints:
        if is_true:
            raise StepsError(f"steps: {complaint}")
