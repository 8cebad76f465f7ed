"""Which moves between stages may be named: those that at least k people made, unless they give a rarer one away.

What comes into a stage leaves it, personas add up to `(all)`, and who leaves for good is told with each stage. So the
rare ways of a stage are told in sum. That no single one follows is proved by attack: a linear program that knows
everything told looks for the most that each could be; where that is less than k, the next rarest way is bundled too,
until the ways told say no more of a rare one than the stages alone.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from pipelines.privacy import ALL, Row, people

Cell = tuple[str, str, str, str]
"""A persona, a period (current, all), the stage left and the stage entered."""
Sum = tuple[Collection[Hashable], float]
"""Unknowns, and what they are known to add up to."""
PERIODS = ("current", "all")


def told_ways(rows: Iterable[Row], is_stage_told: Mapping[tuple[str, str, str], bool], k: int) -> set[Cell]:
    """Choose the ways of one journey to name, given its transitions.

    `is_stage_told` says it of (stage, persona, period), and of (start) for what is told of a persona's journeys at all.
    """
    found = {(row["persona"], row["period"], row["from_stage"], row["to_stage"]): row for row in rows}
    size = {cell: people(row) for cell, row in found.items() if row["n_transitions"]}
    count = {cell: int(found[cell]["n_transitions"]) for cell in size}
    fixed = {cell for cell in size if cell[3] == "(dropped)" and is_stage_told.get((cell[2], *cell[:2]))}
    told = fixed | {cell for cell in size if size[cell] >= k and is_stage_told.get((cell[2], *cell[:2]))}
    lines = _lines(size)
    rare = {cell: max(k, count[cell] + 1) for cell in sorted(count) if size[cell] < k and cell not in fixed}
    known = _margins(count, is_stage_told) + [(made_of(count, [cell]), count[cell]) for cell in sorted(fixed)]
    plain = _out_of_reach(known, count, rare)
    rare = {cell: wanted for cell, wanted in rare.items() if cell not in plain}
    while True:
        exposed = _short(lines, told - fixed, told, size, k)
        if not exposed:
            ways = [(made_of(count, [cell]), count[cell]) for cell in sorted(told - fixed)]
            # Whoever is safe stays so: from now on less is told.
            rare = {cell: rare[cell] for cell in _out_of_reach(known + ways, count, rare)}
            exposed = [beside for cell in rare for beside in _beside(cell, told - fixed)]
        if not exposed:
            return told
        told -= {min(cells, key=lambda cell: (size[cell], cell)) for cells in exposed}


def _lines(size: Mapping[Cell, int]) -> list[list[Cell]]:
    """Cells that add up to something known: what leaves a stage, what enters it, the personas of a way."""
    lines: dict[Hashable, list[Cell]] = defaultdict(list)
    for cell in size:
        persona, period, source, target = cell
        lines["from", persona, period, source].append(cell)
        lines["to", persona, period, target].append(cell)
        if persona != ALL:
            lines["way", period, source, target].append(cell)
    return list(lines.values())


def _short(
    lines: Iterable[list[Cell]], free: set[Cell], told: set[Cell], size: Mapping[Cell, int], k: int
) -> list[list[Cell]]:
    """What might be hidden too of each line whose hidden cells are together about too few people, though not nobody.

    One person may have gone all of them, so that together they are about no more than the largest is known to be.
    """
    return [
        beside
        for cells in lines
        if (beside := [cell for cell in cells if cell in free])
        and 0 < max((size[cell] for cell in cells if cell not in told), default=0) < k
    ]


def _out_of_reach(known: Sequence[Sum], count: Mapping[Cell, int], rare: Mapping[Cell, int]) -> list[Cell]:
    """The rare ways that cannot be as many as wanted, for all that is known."""
    cells = list(rare)
    found = out_of_reach(known, [(made_of(count, [cell]), rare[cell]) for cell in cells])
    return [cells[number] for number in sorted(found)]


def _beside(cell: Cell, told: set[Cell]) -> list[list[Cell]]:
    """The ways told that say most about a rare one: out of the same stage, into the same, of other personas; else any."""
    near = [one for one in told if one[:2] == cell[:2]]
    found = [
        [one for one in near if one[2] == cell[2]],
        [one for one in near if one[3] == cell[3]],
        [one for one in told if one[2:] == cell[2:]],
    ]
    return [cells for cells in found if cells] or [near or list(told)]


def made_of(count: Mapping[Cell, int], cells: Iterable[Cell]) -> list[Cell]:
    """The smallest cells of which some cells are the sum: one persona, in the current period or in the `rest`."""
    personas = sorted({persona for persona, *_ in count} - {ALL})
    return [
        (one, part, source, target)
        for persona, period, source, target in cells
        for one in (personas if persona == ALL else [persona])
        for part in (["current", "rest"] if period == "all" else [period])
    ]


def _margins(count: Mapping[Cell, int], is_stage_told: Mapping[tuple[str, str, str], bool]) -> list[Sum]:
    """What is told of the sums of ways: the visits to a stage, those that begin a journey, those that end one."""
    sources, targets = ({cell[side] for cell in count} for side in (2, 3))
    found: list[Sum] = []
    for persona, period in sorted({cell[:2] for cell in count}):
        for stage in sorted(sources | targets):
            if not is_stage_told.get((stage if stage in sources & targets else "(start)", persona, period)):
                continue
            leaves = [(persona, period, stage, to) for to in sorted(targets) if stage in sources and is_way(stage, to)]
            enters = [
                (persona, period, source, stage)
                for source in sorted(sources)
                if stage in targets and is_way(source, stage)
            ]
            found += [
                (made_of(count, cells), sum(count.get(cell, 0) for cell in cells))
                for cells in (leaves, enters)
                if cells
            ]
    return found


def is_way(source: str, target: str) -> bool:
    """Tell whether a journey can go this way: a visit ends where another stage begins, and one that starts has a stage."""
    return source != target and not (source == "(start)" and target.startswith("("))


def out_of_reach(sums: Sequence[Sum], wanted: Sequence[Sum]) -> set[int]:
    """Tell which of the wanted sums cannot be as large as wanted, by number, given sums of unknowns that are known.

    Nothing is negative. One linear program lets as many as it can be large enough; those that it leaves are tried
    again, and at last one by one.

    >>> sorted(out_of_reach([(["a", "b"], 12), (["b", "c"], 3)], [(["a"], 10), (["b"], 10)]))
    [1]
    """
    place = {one: number for number, one in enumerate(dict.fromkeys(o for parts, _ in [*sums, *wanted] for o in parts))}
    n, left = len(place), list(range(len(wanted)))

    def reached(numbers: list[int]) -> np.ndarray:
        # Beside the unknowns one more for each wanted sum: how much of what is wanted it holds.
        lines = [parts for parts, _ in sums] + [wanted[number][0] for number in numbers]
        entries = [(line, place[one], 1.0) for line, parts in enumerate(lines) for one in parts]
        entries += [(len(sums) + extra, n + extra, -1.0) for extra in range(len(numbers))]
        row, column, value = np.array(entries).T
        known = coo_array((value, (row.astype(int), column.astype(int))), shape=(len(lines), n + len(numbers))).tocsr()
        highest = np.concatenate([np.full(n, np.inf), [wanted[number][1] for number in numbers]])
        solved = linprog(
            np.concatenate([np.zeros(n), -np.ones(len(numbers))]),
            A_eq=known[: len(sums)],
            b_eq=[total for _, total in sums],
            A_ub=-known[len(sums) :],
            b_ub=np.zeros(len(numbers)),
            bounds=np.column_stack([np.zeros(n + len(numbers)), highest]),
        )
        held = solved.x[n:]
        return np.array([held[extra] >= wanted[number][1] - 1e-6 for extra, number in enumerate(numbers)])

    while left:
        fine = reached(left)
        if not fine.any():
            return {number for number in left if not reached([number]).any()}
        left = [number for number, is_fine in zip(left, fine, strict=True) if not is_fine]
    return set()
