"""A slow, obvious twin of conformance: every way to read a journey as the designed path is tried."""

from collections import defaultdict
from itertools import combinations, pairwise

from tests.journey_mining.reference import journeys


def readings(path, design):
    """Every choice of visits (places) that the design can make, with its cost.

    `path` are names, `design` a list of (name, optional, repeatable, within).
    """
    place_of = {name: position for position, (name, *_) in enumerate(design)}
    designed = [place for place, name in enumerate(path) if name in place_of]
    for size in range(len(designed) + 1):
        for chosen in combinations(designed, size):
            positions = [place_of[path[place]] for place in chosen]
            if all(a < b or (a == b and design[a][2]) for a, b in pairwise(positions)):
                missing = sum(not optional and i not in positions for i, (_, optional, *_) in enumerate(design))
                yield len(path) - len(chosen) + missing, chosen


def best_reading(path, design):
    return min(readings(path, design))[1]


def deviations(steps, design, by="stage"):
    """{journey_id: (n_visits, n_skipped, n_unreached, n_inserted, n_out_of_order, n_late, fitness)}"""
    rows = {}
    required = [position for position, (_, optional, *_) in enumerate(design) if not optional]
    names = [name for name, *_ in design]
    for journey in journeys(steps, by):
        path = [visit[0][0] for visit in journey["visits"]]
        chosen = best_reading(path, design)
        first = {}
        for place in chosen:
            first.setdefault(names.index(path[place]), journey["visits"][place][0][1])
        last = max(first, default=-1)
        skipped = [position for position in required if position < last and position not in first]
        unreached = [position for position in required if position > last]
        inserted = sum(name not in names for name in path)
        out_of_order = len(path) - inserted - len(chosen)
        late = sum(
            design[b][3] is not None and (first[b] - first[a]).total_seconds() > design[b][3]
            for a, b in pairwise(sorted(first))
        )
        cost = len(skipped) + len(unreached) + inserted + out_of_order
        rows[journey["id"]] = (
            *(len(path), len(skipped), len(unreached), inserted, out_of_order, late),
            1 - cost / (len(path) + len(required)),
        )
    return rows


def insertions(steps, design, by="stage"):
    """{(after, name): (n_visits, n_journeys, n_open)} of what the design does not know."""
    names = [name for name, *_ in design]
    visits, mature, opened = defaultdict(int), defaultdict(set), defaultdict(set)
    for journey in journeys(steps, by):
        after, is_open = "(start)", journey["outcome"] == "open"
        for visit in journey["visits"]:
            name = visit[0][0]
            if name in names:
                after = name
                continue
            (opened if is_open else mature)[after, name].add(journey["id"])
            visits[after, name] += not is_open
    return {key: (visits[key], len(mature[key]), len(opened[key])) for key in visits}
