"""Whoever adds and subtracts all that is told learns of no withheld cell that it is about fewer than k people."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import coo_array

from pipelines.privacy import ALL, told

K = 10
Cell = tuple[str, object]


def most(
    known: dict[Cell, float], made_of: dict[Cell, list[Cell]], wanted: list[Cell]
) -> dict[Cell, tuple[float, float]]:
    """Attack: the least and the most that each wanted cell can be, given all the known ones.

    Every cell is the sum of the smallest cells it is made of; none of these is negative.
    """
    small = sorted({one for parts in made_of.values() for one in parts}, key=str)
    place = {cell: number for number, cell in enumerate(small)}
    lines = list(known)
    entries = [(line, place[one], 1.0) for line, cell in enumerate(lines) for one in made_of[cell]]
    row, column, value = np.array(entries).T
    system = coo_array((value, (row.astype(int), column.astype(int))), shape=(len(lines), len(small))).tocsr()

    def reach(cell: Cell, sign: int) -> float:
        goal = np.zeros(len(small))
        goal[[place[one] for one in made_of[cell]]] = sign
        solved = linprog(goal, A_eq=system, b_eq=[known[one] for one in lines], bounds=(0, None))
        assert solved.status == 0, solved.message
        return float(sign * solved.fun)

    return {cell: (reach(cell, 1), reach(cell, -1)) for cell in wanted}


def caught(count: dict[Cell, int], made_of: dict[Cell, list[Cell]], kept: set[Cell]) -> dict[Cell, tuple[float, float]]:
    """The withheld cells of few people that the told ones give away, each with what an attacker knows of it."""
    known = {cell: float(count.get(cell, 0)) for cell in kept}
    few = [cell for cell in made_of if 0 < count.get(cell, 0) < K and cell not in kept]
    return (
        {cell: (low, high) for cell, (low, high) in most(known, made_of, few).items() if high < K - 1e-6}
        if known
        else {}
    )


def test_the_attack_finds_the_one_cell_that_is_the_difference():
    count = {(ALL, "all"): 45, ("new", "all"): 40, ("rare", "all"): 5}
    made_of = {
        (ALL, "all"): [("new", "all"), ("rare", "all")],
        ("new", "all"): [("new", "all")],
        ("rare", "all"): [("rare", "all")],
    }
    assert caught(count, made_of, {(ALL, "all"), ("new", "all")}) == {("rare", "all"): (5, 5)}
    assert caught(count, made_of, {(ALL, "all")}) == {}


@st.composite
def counted_days(draw) -> dict[tuple[str, int], int]:
    """People per persona and day: few of some, many of others."""
    n_personas, n_days = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    levels = [draw(st.sampled_from([0, 3, 9, 15, 60])) for _ in range(n_personas)]
    return {
        (f"p{persona}", day): draw(st.integers(0, levels[persona]))
        for persona in range(n_personas)
        for day in range(n_days)
    }


def grown(
    days: dict[tuple[str, int], int],
) -> tuple[dict[Cell, int], dict[Cell, list[Cell]], dict[object, list[object]]]:
    """The whole table of some days: the counts, what every cell is made of, and which times make up a time."""
    tree: dict[object, list[object]] = {"all": []}
    for day in sorted({day for _, day in days}):
        period, piece = f"period {day // 6}", f"week {day // 6} {day // 3}"
        tree["all"] += [period] * (period not in tree["all"])
        tree.setdefault(period, []).extend([piece] * (piece not in tree.get(period, [])))
        tree.setdefault(piece, []).append(day)

    def leaves(time: object) -> list[object]:
        return [leaf for one in tree[time] for leaf in leaves(one)] if time in tree else [time]

    personas = sorted({persona for persona, _ in days})
    times = [*tree, *{day for _, day in days}]
    made_of = {(persona, time): [(persona, leaf) for leaf in leaves(time)] for persona in personas for time in times}
    made_of |= {(ALL, time): [(persona, leaf) for persona in personas for leaf in leaves(time)] for time in times}
    count = {cell: sum(days[one] for one in parts) for cell, parts in made_of.items()}
    return {cell: n for cell, n in count.items() if n}, made_of, tree


@settings(max_examples=150, deadline=None)
@given(counted_days())
@example({("p0", 0): 5, ("p1", 0): 40})
@example({("p0", 0): 5, ("p1", 0): 5, ("p0", 3): 12, ("p1", 3): 14})
def test_no_withheld_cell_is_given_away(days):
    count, made_of, tree = grown(days)
    kept = told(count, tree, "all", K)
    assert all(count.get(cell, 0) == 0 or count[cell] >= K for cell in kept)
    assert caught(count, made_of, kept) == {}
