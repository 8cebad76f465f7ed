"""Whoever subtracts the flow diagrams of the personas from that of everybody learns of no way that fewer than k people took."""

from collections import Counter
from itertools import pairwise
from random import Random

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from journey_mining.flows.diagram import MORE, RARE, Flow
from pipelines.flow_links import cut, flow, renamed, with_ends
from pipelines.privacy import ALL
from pipelines.told_flows import told_flows

K = 10
STAGES = ["look", "cart", "buy", "help"]
ENDS = ["(success)", "(dropped)", "(active)"]
MAX_VISITS = 3
Cell = tuple[str, str, str]


def invented(seed: int) -> pd.DataFrame:
    """The ways of three personas, a small one among them, each of whom prefers some moves and rarely makes the others."""
    chance = Random(seed)
    rows = []
    for persona, n in (("new", 160), ("old", 90), ("odd", chance.choice([12, 25, 40]))):
        weight = {
            (a, b): chance.choice([0, 0.5, 1, 20]) for a in ["(start)", *STAGES] for b in [*STAGES, *ENDS] if a != b
        }
        for number in range(n):
            path = ["(start)"]
            while path[-1] not in ENDS:
                targets = STAGES if len(path) == 1 else [one for one in [*STAGES, *ENDS] if one != path[-1]]
                chances = [weight[path[-1], one] + 0.01 for one in targets]
                path += ENDS[:1] if len(path) > 8 else chance.choices(targets, chances)
            for step, (source, target) in enumerate(pairwise(path[: MAX_VISITS + 2])):
                person = 10_000 * n + number // 2
                rows.append((persona, person, step, source, target, path[-1]))
    return pd.DataFrame(rows, columns=["persona", "person", "step", "source", "target", "end_name"])


def drawing(ways: pd.DataFrame):
    def draw(persona, n_visits, merged=frozenset(), bundled=frozenset()) -> Flow | None:
        short = cut(ways if persona == ALL else ways[ways.persona == persona], n_visits)
        names = renamed(short, K, merged)
        counts = short[short.source != MORE].groupby(["step", "source", "target"], as_index=False).size()
        counts = counts.rename(columns={"size": "n_journeys"})
        return None if names is None else flow(with_ends(counts, short), short, names, K, bundled)

    return draw


def drawn_alone(ways: pd.DataFrame) -> dict[str, Flow]:
    """Each diagram by itself, as if there were no others."""
    draw = drawing(ways)
    return {
        persona: drawn
        for persona in (ALL, "new", "old", "odd")
        if (drawn := next(filter(None, (draw(persona, n) for n in range(MAX_VISITS, 0, -1))), None))
    }


def told(drawn: Flow, step: int) -> list[tuple[set[tuple[str, str]], int]]:
    """What a diagram says of the moves out of a column: sums of moves from any stage to any stage or end, and how many."""
    stands_for = {
        node.place: set(STAGES) if node.place == (step + 1, MORE) else {*(node.members or [node.place[1]])}
        for node in drawn.nodes
    }
    moves = {(a, b) for a in ["(start)", MORE, *STAGES] for b in [*STAGES, *ENDS] if a != b}
    said, hubs = [], Counter()
    for link in drawn.links:
        if link.source[0] == step and link.target[1] != RARE:
            said.append(
                ({(a, b) for a in stands_for[link.source] for b in stands_for[link.target] if a != b}, link.n_journeys)
            )
        if (link.source[0] == step and link.target[1] == RARE) or link.source == (step + 0.5, RARE):
            hubs[link.source if link.target[1] == RARE else link.target] += link.n_journeys
    rest = moves - {move for some, _ in said for move in some}
    for place, names in stands_for.items():
        if place[0] in (step, step + 1):
            side = int(place[0] - step)
            said.append(({move for move in rest if move[side] in names}, hubs[place]))
    for side in (0, 1):
        column = {name for place, names in stands_for.items() if place[0] == step + side for name in names}
        said.append(({move for move in rest if move[side] not in column}, 0))
    return [(some, n) for some, n in said if some]


def given_away(ways: pd.DataFrame, flows: dict[str, Flow]) -> list[tuple[int, Cell]]:
    """Attack: the moves of one to nine people that cannot be ten journeys, for all that the diagrams say."""
    found = []
    for step in range(MAX_VISITS + 1):
        here = ways[ways.step == step]
        people = here.groupby(["persona", "source", "target"]).person.nunique()
        said = [
            ([(one, *move) for one in (("new", "old", "odd") if persona == ALL else (persona,)) for move in some], n)
            for persona, drawn in flows.items()
            if drawn.n_visits >= step
            for some, n in told(drawn, step)
        ]
        place = {cell: number for number, cell in enumerate(sorted({cell for some, _ in said for cell in some}))}
        system = np.zeros((len(said), len(place)))
        for line, (some, _) in enumerate(said):
            system[line, [place[cell] for cell in some]] = 1
        for cell in [cell for cell, n in people.items() if n < K and cell in place]:
            goal = np.zeros(len(place))
            goal[place[cell]] = -1
            solved = linprog(goal, A_eq=system, b_eq=[n for _, n in said], bounds=(0, None))
            assert solved.status in (0, 3), solved.message
            if solved.status == 0 and -solved.fun < K - 1e-6:
                found.append((step, cell))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_way_of_few_people_follows_from_the_diagrams_together(seed: int) -> None:
    ways = invented(seed)
    flows = told_flows(ways, [ALL, "new", "old", "odd"], MAX_VISITS, drawing(ways), K)
    assert ALL in flows
    assert given_away(ways, flows) == []


def test_the_attack_finds_what_diagrams_drawn_alone_give_away() -> None:
    ways = invented(0)
    assert given_away(ways, drawn_alone(ways))
