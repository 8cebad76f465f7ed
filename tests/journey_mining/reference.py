"""Slow, obvious twins of the mining functions over lists of steps: plain Python, never shipped."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

END = {"succeeded": "(success)", "dropped": "(dropped)", "active": "(active)", "open": "(open)", None: "(end)"}
Z = NormalDist().inv_cdf(0.975)


def journeys(steps, by="stage"):
    """One dict per journey: person, outcome, and its visits as lists of (name, occurred_at)."""
    grouped = defaultdict(list)
    for step in sorted(steps, key=lambda step: step["step_number"]):
        grouped[step["journey_id"]].append(step)
    for journey_id, own in grouped.items():
        visits = []
        for step in own:
            if by == "touchpoint" or not visits or visits[-1][-1][0] != step["stage"]:
                visits.append([])
            visits[-1].append((step[by], step["occurred_at"]))
        person, outcome = own[0]["person_id"], own[0].get("outcome")
        person = None if person != person else person  # pandas' NaN
        yield {"id": journey_id, "person": person, "outcome": outcome, "visits": visits, "steps": own}


def percentile(values, share):
    """Linear between the two nearest of the sorted values."""
    values = sorted(values)
    if not values:
        return None
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def transitions(steps, by="stage"):
    """{(from, to): the values of the table's other columns, in its order}"""
    mature, opened, seconds, n_mature = [], Counter(), defaultdict(list), 0
    for journey in journeys(steps, by):
        n_mature += journey["outcome"] != "open"
        names = ["(start)", *(visit[0][0] for visit in journey["visits"]), END[journey["outcome"]]]
        inner = [(b[0][1] - a[-1][1]).total_seconds() for a, b in pairwise(journey["visits"])]
        for pair, gap in zip(pairwise(names), [None, *inner, None], strict=True):
            if journey["outcome"] == "open":
                opened[pair] += 1
                continue
            mature.append((pair, journey))
            if gap is not None:
                seconds[pair].append(gap)
    rows = {}
    for pair in {*opened, *(pair for pair, _ in mature)}:
        found = [journey for other, journey in mature if other == pair]
        into = [journey for (_, target), journey in mature if target == pair[1]]
        rate, low, high, _ = clustered([(cluster(j), other == pair) for other, j in mature if other[0] == pair[0]])
        rows[pair] = (
            len(found),
            len({journey["id"] for journey in found}),
            len({journey["person"] for journey in found} - {None}),
            len(found) / len(mature) if mature else None,
            len(found) / n_mature if n_mature else None,
            rate,
            low,
            high,
            len(found) / len(into) if into else None,
            sum(seconds[pair]) / len(seconds[pair]) if seconds[pair] else None,
            percentile(seconds[pair], 0.5),
            percentile(seconds[pair], 0.9),
            opened[pair],
        )
    return rows


def clustered(units):
    """(rate, low, high, error) of (cluster, is_hit) pairs, literally as the ratio estimator is written down."""
    n = len(units)
    if n == 0:
        return None, None, None, None
    rate = sum(hit for _, hit in units) / n
    hits, sizes = Counter(), Counter()
    for cluster, hit in units:
        hits[cluster] += hit
        sizes[cluster] += 1
    p = len(sizes)
    if p == 1:
        return rate, None, None, None
    variance = p / (p - 1) * sum((hits[c] - rate * sizes[c]) ** 2 for c in sizes) / n**2
    n_eff = rate * (1 - rate) / variance if variance > 1e-15 else n
    centre = (rate + Z**2 / (2 * n_eff)) / (1 + Z**2 / n_eff)
    half = Z / (1 + Z**2 / n_eff) * sqrt(rate * (1 - rate) / n_eff + Z**2 / (4 * n_eff**2))
    return rate, centre - half, centre + half, sqrt(variance)


def cluster(journey):
    return ("person", journey["person"]) if journey["person"] is not None else ("journey", journey["id"])


def dropoff(steps, by="stage"):
    """{name: (n_journeys, n_people, n_dropped, rate, low, high, error, n_visits, exit_share, n_open)}"""
    found = list(journeys(steps, by))
    rows = {}
    for name in {visit[0][0] for journey in found for visit in journey["visits"]}:
        there = [j for j in found if any(visit[0][0] == name for visit in j["visits"])]
        mature = [j for j in there if j["outcome"] != "open"]
        left = [j["outcome"] == "dropped" and j["visits"][-1][0][0] == name for j in mature]
        n_visits = sum(visit[0][0] == name for j in mature for visit in j["visits"])
        rows[name] = (
            len(mature),
            len({j["person"] for j in mature} - {None}),
            sum(left),
            *clustered([(cluster(j), hit) for j, hit in zip(mature, left, strict=True)]),
            n_visits,
            sum(left) / n_visits if n_visits else None,
            len(there) - len(mature),
        )
    return rows


def chains(steps, stages, limit, used=()):
    """Every way to go on from the steps used so far, each stage with a step of its own that is not earlier."""
    yield used
    if len(used) == len(stages):
        return
    for step in steps:
        is_in_time = not used or used[-1]["occurred_at"] <= step["occurred_at"] <= used[0]["occurred_at"] + limit
        if step["stage"] == stages[len(used)] and is_in_time and not any(step is other for other in used):
            yield from chains(steps, stages, limit, (*used, step))


def best_chain(steps, stages, window=None):
    """The instants of the longest chain; of several the one that enters first, then goes on first."""
    found = chains(steps, stages, timedelta(days=9999) if window is None else window)
    return min(([s["occurred_at"] for s in chain] for chain in found), key=lambda at: (-len(at), at))


def funnel(steps, stages, window=None):
    """One tuple per position: n_journeys, n_people, of_first, of_previous, n_lost, low, high, median, n_open"""
    found = [(j, best_chain(j["steps"], stages, window)) for j in journeys(steps)]
    mature = [(j, at) for j, at in found if j["outcome"] != "open"]
    n_first = sum(len(at) >= 1 for _, at in mature)
    for position in range(1, len(stages) + 1):
        here = [(j, at) for j, at in mature if len(at) >= position]
        before = [(j, at) for j, at in mature if len(at) >= max(position - 1, 1)]
        rate, low, high, _ = clustered([(cluster(j), len(at) >= position) for j, at in before])
        times = [(at[position - 1] - at[position - 2]).total_seconds() for _, at in here] if position > 1 else []
        yield (
            len(here),
            len({j["person"] for j, _ in here} - {None}),
            len(here) / n_first if n_first else None,
            *((rate, len(before) - len(here), low, high) if position > 1 else (None, 0, None, None)),
            percentile(times, 0.5),
            sum(len(at) >= position for j, at in found if j["outcome"] == "open"),
        )


def sankey(steps, max_steps=8, top=6, by="stage"):
    """{(step, source, target): n_journeys}"""
    paths, ends = [], []
    for journey in journeys(steps, by):
        names = [visit[0][0] for visit in journey["visits"]]
        paths.append(names[:max_steps])
        ends.append("(more)" if len(names) > max_steps else END[journey["outcome"]])
    kept = []
    for column in range(max_steps):
        volume = Counter(path[column] for path in paths if len(path) > column)
        kept.append(sorted(volume, key=lambda name: (-volume[name], name))[:top])
    links = Counter()
    for path, end in zip(paths, ends, strict=True):
        folded = [name if name in kept[column] else "(other)" for column, name in enumerate(path)]
        for step, (source, target) in enumerate(pairwise(["(start)", *folded, end])):
            links[step, source, target] += 1
    return links


def benjamini_hochberg(p_values):
    """Each p times m over its rank, and never above that of a larger p; None does not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected, smallest = [None] * len(p_values), 1.0
    for rank in range(len(known), 0, -1):
        p, place = known[rank - 1]
        smallest = min(smallest, p * len(known) / rank)
        corrected[place] = smallest
    return corrected
