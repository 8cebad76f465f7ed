"""What people do, on the days of a calendar: what retention, lifecycle and stickiness are counted from."""

from collections.abc import Sequence
from typing import TypeAlias

from journey_mining.calendar import Period
from journey_mining.days import put_days
from journey_mining.errors import ArgumentError
from journey_mining.names import require_steps
from journey_mining.steps import Opened

Names: TypeAlias = str | Sequence[str] | None
"""Steps that count: one name, several, or None for any."""


def put_acts(analysis: Opened, period: Period, zone: str | None, start: Names, back: Names) -> None:
    """Make the tables `acts` and `periods` (acts.sql); raise `ArgumentError` for a name that no step has."""
    put_days(analysis, period, zone)
    wanted = {"start": _listed("start", start), "back": _listed("back", back)}
    for what, names in wanted.items():
        if names is not None:
            require_steps(analysis, what, names)
    analysis.run("cohorts/acts", wanted)


def _listed(what: str, names: Names) -> list[str] | None:
    if names is None:
        return None
    listed = [names] if isinstance(names, str) else list(names)
    if not listed:
        raise ArgumentError(f"{what}: name at least one step, or None for any")
    return listed
