"""A place in a journey, to look at what happens around it, after it or before it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pandas as pd

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError
from journey_mining.flows.matches import find_matches
from journey_mining.steps import Opened

NOWHERE = pd.DataFrame({"journey_no": [None], "visit_number": [None]})
"""A place in no journey."""


@dataclass(frozen=True)
class Anchor:
    """The place of a name or a pattern in a journey.

    `at` says which position of the pattern is meant, counted as in a list: -1 is the last. `occurrence` is 'first',
    'last' or a number from 1: the n-th of the places that this position has in some match. `offset` moves it by so
    many steps (2, -1), or in time: "30m" to the first step that is not earlier than 30 minutes after, "-30m" to the
    last one that is not later than 30 minutes before. An anchor may be moved over the end of a journey.

    >>> Anchor("cart->.*->purchase", occurrence="last", offset="-30m").shift()
    (0, datetime.timedelta(days=-1, seconds=84600))
    """

    pattern: str
    occurrence: Literal["first", "last"] | int = "first"
    offset: int | str | timedelta = 0
    at: int = -1

    def nth(self) -> int:
        """Return the occurrence as a number, -1 for the last; raise `ArgumentError` for what is none."""
        named = {"first": 1, "last": -1}
        if self.occurrence in named:
            return named[str(self.occurrence)]
        if not isinstance(self.occurrence, int) or self.occurrence < 1:
            raise ArgumentError(f"occurrence: 'first', 'last' or a number from 1, not {self.occurrence!r}")
        return self.occurrence

    def shift(self) -> tuple[int, timedelta]:
        """Return the offset in steps, and in time."""
        if isinstance(self.offset, int):
            return self.offset, timedelta(0)
        if isinstance(self.offset, timedelta):
            return 0, self.offset
        text = str(self.offset).strip()
        length = duration(text.lstrip("+-"), "offset")
        return 0, -length if text.startswith("-") else length


def find_anchors(analysis: Opened, anchor: str | Anchor) -> None:
    """Make the table `anchors`, with the place in each journey that has one, behind that in the table `starts` if any."""
    asked = anchor if isinstance(anchor, Anchor) else Anchor(anchor)
    n_steps, time = asked.shift()
    nth = asked.nth()
    wanted = find_matches(analysis, asked.pattern)
    if not -len(wanted) <= asked.at < len(wanted):
        raise ArgumentError(f"at: {asked.pattern!r} has {len(wanted)} positions, none at {asked.at}")
    analysis.run("flows/anchor", {"position": asked.at % len(wanted) + 1, "nth": nth, "offset": n_steps})
    if time:
        analysis.run("flows/anchor_moved", {"time": abs(time), "is_before": time < timedelta(0)})


def centre_around(analysis: Opened, anchor: str | Anchor) -> None:
    """Make the table `centres` of all journeys that have an anchor, seen from there."""
    analysis.put("starts", NOWHERE)
    find_anchors(analysis, anchor)
    analysis.run("flows/around")
    _refuse_nothing(analysis, f"anchor: no journey has {anchor!r}")


def centre_between(analysis: Opened, start: str | Anchor | None, end: str | Anchor | None) -> None:
    """Make the table `centres` of all journeys that have the wanted anchors, of what lies between them."""
    for table in ("starts", "anchors"):
        analysis.put(table, NOWHERE)
    if start is not None:
        find_anchors(analysis, start)
        analysis.run("flows/starts")
    if end is not None:
        find_anchors(analysis, end)
    analysis.run("flows/between", {"has_start": start is not None, "has_end": end is not None})
    _refuse_nothing(analysis, f"start, end: no journey has {start!r}, then {end!r}")


def _refuse_nothing(analysis: Opened, complaint: str) -> None:
    if not analysis.con.execute("SELECT 1 FROM centres LIMIT 1").fetchall():
        raise ArgumentError(complaint)
