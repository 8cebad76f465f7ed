"""Which columns of steps an analysis can ask by."""

from collections.abc import Iterable

import duckdb

from journey_mining.errors import ArgumentError, unknown_name

OF_JOURNEYS = ("journey_id", "person_id", "step_number", "occurred_at", "outcome")
"""Columns that say which step it is, and of which journey: nothing that was known at a step."""
OUR_OWN = (
    *("name", "journey_no", "is_start", "place", "session_no", "n_rows_before", "first_step_number", "new_name"),
    *("is_repeat", "known_journey_no", "person_no", "day_no", "period_no", "is_back"),
)
"""Columns that queries add to the steps: another one of such a name could not be told from them."""


def column_of(rows: duckdb.DuckDBPyRelation, name: str) -> duckdb.Expression:
    """Return the column of rows that a caller named; a lone name with a dot in it would be taken for a path.

    >>> rows = duckdb.sql('SELECT 7 AS "utm.source"')
    >>> rows.select(column_of(rows, "utm.source")).fetchall()
    [(7,)]
    """
    return duckdb.ColumnExpression(rows.alias, name)


def require_askable(
    table: str, needs: Iterable[object], there: Iterable[str], taken: Iterable[str] = (), hint: str = ""
) -> None:
    """Raise `ArgumentError` for a column that is not there, or that no analysis can ask by.

    >>> require_askable("steps", ["device"], ["device", "outcome"])
    >>> require_askable("steps", ["outcome"], ["device", "outcome"])
    Traceback (most recent call last):
    journey_mining.errors.ArgumentError: steps: 'outcome' says which journey it is or how it ended; ask by what a step tells. There are: device
    """
    own = (*OUR_OWN, *taken)
    askable = [name for name in there if name not in OF_JOURNEYS and name not in own]
    for name in needs:
        if name in OF_JOURNEYS:
            raise ArgumentError(
                f"{table}: {name!r} says which journey it is or how it ended; ask by what a step tells. "
                f"There are: {', '.join(sorted(askable)) or 'none'}"
            )
        if name in own:
            raise ArgumentError(f"{table}: {name!r} is what a column of our own is called; rename it before")
        if name not in askable:
            raise ArgumentError(f"{table}: {unknown_name('column', name, askable)}{hint and '. ' + hint}")
