"""What a shareable page may tell: nothing about fewer than k people, nor what such a cell follows from.

A measure counts people by part (each persona, and `(all)` of them) over a tree of times: all days, periods, weeks, days.
Parts add up to `(all)`, times to the time above them. Within each time that is told, some parts are hidden of all the
times it is made of, and some of these times are hidden of all parts, so that

- whatever is told is about at least k people, or nobody;
- so are the hidden parts of each time, taken together, and the hidden times of each part, taken together.

Any hidden cell may then be as large as the smaller of two sums that are both at least k, whatever is told: hidden people
may change places along the rows and columns of the hidden. Which cells are empty is hidden with them. k stands in the
definition: `privacy: {k: 10}`. A rate is about the people it is counted over, however few of them did it.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import duckdb

from connectors.engine import run

Row = Mapping[str, Any]
Part = Hashable
Time = Hashable
Size = Mapping[tuple[Any, Time], int]
"""How many people each cell is about; a cell that is not listed is empty."""
ALL = "(all)"
CURRENT = "current"
"""The period that pages show first: it is the last to be hidden beside others."""


def least_people(con: duckdb.DuckDBPyConnection) -> int:
    """Read k: what is about fewer people is withheld."""
    found: int = run(con, "SELECT k FROM settings")[0][0]
    return found


def people(row: Row) -> int:
    """How many people a row is about; units that no person is known for count as one person each."""
    counted = row["n_people"] or row.get("n_units") or row.get("n_journeys") or row.get("n_transitions") or 0
    return int(counted)


def told(size: Size, tree: Mapping[Time, Sequence[Time]], root: Time, k: int) -> set[tuple[Part, Time]]:
    """Choose the cells that may be told, down the tree from `root`; `tree` says which times make up a time.

    >>> size = {("(all)", "2024"): 60, ("new", "2024"): 40, ("old", "2024"): 15, ("rare", "2024"): 5}
    >>> sorted(told(size, {}, "2024", k=10))
    [('(all)', '2024'), ('new', '2024')]
    """
    if size.get((ALL, root), 0) < k:
        return set()
    parts = {part for part, _ in size} - {ALL}
    return _told_within(size, tree, root, parts - hidden_parts(size, parts, [(root,)], k), parts, k)


def _told_within(
    size: Size, tree: Mapping[Time, Sequence[Time]], time: Time, shown: set[Part], parts: set[Part], k: int
) -> set[tuple[Part, Time]]:
    """The cells told of a time, of which `shown` parts are told, and of the times that make it up."""
    found = {(part, time) for part in (ALL, *shown)}
    times = [one for one in tree.get(time, ()) if size.get((ALL, one))]
    if not times:
        return found
    apart = hidden_times(size, {ALL}, times, (), k)
    open_times = [one for one in times if one not in apart]
    few_parts, few_times = sparse(size, shown, open_times, k)
    few_times = hidden_times(size, shown - few_parts, open_times, few_times, k)
    wholes = [(one,) for one in open_times if one not in few_times]
    merged = [tuple(some) for some in (sorted(apart, key=str), sorted(few_times, key=str)) if some]
    still = shown - hidden_parts(size, parts, [*wholes, *merged], k, parts - shown | few_parts)
    for one in open_times:
        found |= _told_within(size, tree, one, still if one not in few_times else set(), parts, k)
    return found


def hidden_parts(
    size: Size, parts: Iterable[Part], wholes: Sequence[tuple[Time, ...]], k: int, hidden: Collection[Part] = ()
) -> set[Part]:
    """Choose the parts to hide of several wholes (each of one time, or of some hidden together), besides those `hidden`.

    Parts of fewer than k people, and the next smallest until those hidden are of each whole together k people or nobody.
    Somebody may be in two parts: together they are at least the largest of them, and at least what the others leave.

    >>> size = {("(all)", 1): 60, ("new", 1): 40, ("old", 1): 15, ("rare", 1): 5}
    >>> sorted(hidden_parts(size, ["new", "old", "rare"], [(1,)], k=10))
    ['old', 'rare']
    """
    many = {(part, whole): _together(size, part, whole) for part in (ALL, *parts) for whole in wholes}
    ordered = sorted(parts, key=lambda part: (sum(many[part, whole] for whole in wholes), str(part)))
    found = {*hidden} | {part for part in ordered for whole in wholes if 0 < many[part, whole] < k}

    def are_few(whole: tuple[Time, ...]) -> bool:
        largest = max((many[part, whole] for part in found), default=0)
        rest = many[ALL, whole] - sum(many[part, whole] for part in ordered if part not in found)
        return largest > 0 and max(largest, rest) < k

    while any(are_few(whole) for whole in wholes) and (others := [part for part in ordered if part not in found]):
        found.add(others[0])
    return found


def hidden_times(
    size: Size, parts: Collection[Part], times: Sequence[Time], hidden: Collection[Time], k: int
) -> set[Time]:
    """Choose the times to hide of all `parts`, besides those `hidden`: of too few people of all parts, or beside such.

    >>> size = {("(all)", "Mo"): 4, ("(all)", "Tu"): 30, ("(all)", "We"): 20}
    >>> sorted(hidden_times(size, ["(all)"], ["Mo", "Tu", "We"], (), k=10))
    ['Mo', 'We']
    """
    found = {*hidden} | {time for time in times for part in parts if part == ALL and 0 < size[ALL, time] < k}
    ordered = sorted(times, key=lambda time: (time == CURRENT, size[ALL, time], str(time)))
    while any(0 < _together(size, part, found) < k for part in parts) and len(found) < len(times):
        found.add(next(time for time in ordered if time not in found))
    return found


def sparse(size: Size, parts: Collection[Part], times: Collection[Time], k: int) -> tuple[set[Part], set[Time]]:
    """Choose parts and times without which no cell is of too few people: those first that have most such cells, in share.

    >>> size = {("new", "Mo"): 4, ("new", "Tu"): 30, ("new", "We"): 30, ("old", "Mo"): 3, ("old", "Tu"): 20, ("old", "We"): 20}
    >>> sparse(size, ["new", "old"], ["Mo", "Tu", "We"], k=10)
    (set(), {'Mo'})
    """
    few = {cell for cell in size if cell[0] in parts and cell[1] in times and 0 < size[cell] < k}
    left: tuple[set[Any], set[Any]] = (set(parts), set(times))
    gone: tuple[set[Any], set[Any]] = (set(), set())
    while few:
        counts = Counter((side, cell[side]) for cell in few for side in (0, 1))
        side, worst = min(counts, key=lambda one: (-counts[one] / len(left[1 - one[0]]), -one[0], str(one[1])))
        left[side].discard(worst)
        gone[side].add(worst)
        few = {cell for cell in few if cell[side] != worst}
    return gone


def _together(size: Size, part: Part, times: Iterable[Time]) -> int:
    """At least how many people of a part come at these times: nobody is counted twice for coming at two."""
    return max((size.get((part, time), 0) for time in times), default=0)
