"""Two groups of journeys, by what was known when they began."""

from collections.abc import Collection, Sequence
from datetime import date

from duckdb import ColumnExpression, ConstantExpression

from journey_mining.calendar import instant
from journey_mining.columns import column_of
from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.steps import Opened

REST = "<rest>"
"""All journeys that are not in the other segment."""


def put_segments(analysis: Opened, column: str, a: object, b: object) -> tuple[str, str]:
    """Make the table `segments` of the journeys whose first step has a value in a column, one of `a` or one of `b`.

    Return what the two are called.
    """
    steps = analysis.con.table("steps")
    first = steps.filter(ColumnExpression("step_number") == ConstantExpression(1))
    value = column_of(first, column).cast("VARCHAR").alias("value")
    analysis.view("first_values", first.select(ColumnExpression("journey_no"), value))
    wanted_a, wanted_b = _listed(a), None if b == REST else _listed(b)
    known = {value for (value,) in analysis.con.execute("SELECT DISTINCT value FROM first_values").fetchall()} - {None}
    require_values(column, wanted_a, known)
    if wanted_b is not None:
        require_values(column, wanted_b, known)
    both = set(wanted_a) & set(wanted_b or ())
    if both:
        raise ArgumentError(f"{column}: {min(both)!r} is in both segments; compare groups without journeys in common")
    analysis.run("comparing/segments_by_value", {"a": wanted_a, "b": wanted_b})
    return f"{column} {' or '.join(wanted_a)}", "all others" if wanted_b is None else " or ".join(wanted_b)


def require_values(column: str, wanted: Sequence[str], known: Collection[str]) -> None:
    """Raise `ArgumentError` for a value that no journey began with, or where none is given."""
    if not wanted:
        raise ArgumentError(f"{column}: give at least one value. There are: {', '.join(sorted(known)) or 'none'}")
    for value in wanted:
        if value not in known:
            raise ArgumentError(f"{column}: {unknown_name('value', value, known)}")


def put_dates(analysis: Opened, at: str | date, zone: str | None) -> tuple[str, str]:
    """Make the table `segments` of the journeys that began at an instant or later, and of those before.

    Return what the two are called.
    """
    analysis.run("comparing/segments_by_date", {"at": instant(at, zone or analysis.zone)})
    return f"From {at} on", "before"


def _listed(values: object) -> list[str]:
    is_several = isinstance(values, Sequence) and not isinstance(values, str)
    return [str(value) for value in values] if is_several else [str(values)]  # type: ignore[attr-defined]
