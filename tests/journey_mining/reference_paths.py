"""Slow, obvious twins of findings, variants, sequences and next steps: plain Python over lists of steps."""

from collections import Counter, defaultdict
from itertools import combinations, pairwise

from tests.journey_mining.reference import END, cluster, clustered, journeys, percentile


def played(steps, by):
    """(journey, names of its visits), of all journeys."""
    return [(journey, [visit[0][0] for visit in journey["visits"]]) for journey in journeys(steps, by)]


def is_mature(journey):
    return journey["outcome"] != "open"


def people(found):
    return len({journey["person"] for journey in found} - {None})


def findings(steps, by="stage"):
    """{(kind, name, other): (n_times, n_journeys, n_people, n_units, rate, low, high)}"""
    mature = [(journey, names) for journey, names in played(steps, by) if is_mature(journey)]
    found = defaultdict(lambda: defaultdict(int))
    for journey, names in mature:
        for one, other in pairwise(names):
            found["self-loop", one, None][journey["id"]] += one == other
        for place, name in enumerate(names):
            is_return = name in names[:place] and names[place - 1] != name
            found["rework", name, None][journey["id"]] += is_return
        for one, two, three in zip(names, names[1:], names[2:], strict=False):
            if one == three != two:
                found["ping-pong", one, two][journey["id"]] += 1
    for name in {name for _, names in mature for name in names}:
        there = [(journey, names) for journey, names in mature if name in names]
        is_end = [set(names[names.index(name) :]) == {name} for _, names in there]
        if all(is_end) and not any(journey["outcome"] == "succeeded" for journey, _ in there):
            found["dead end", name, None] = {journey["id"]: 1 for journey, _ in there}
    rows = {}
    for (kind, name, other), counts in found.items():
        hits = {journey for journey, n in counts.items() if n}
        units = [journey for journey, names in mature if name in names]
        if hits:
            rate, low, high, _ = clustered([(cluster(j), j["id"] in hits) for j in units])
            rows[kind, name, other] = (
                sum(counts.values()), len(hits), people(j for j in units if j["id"] in hits), len(units), rate, low, high
            )  # fmt: skip
    return rows


def variants(steps, top, by="stage"):
    """[(path, n_variants, n_journeys, n_people, share, cumulative, rate, low, high, median, n_open)]"""
    found = [(journey, tuple(names)) for journey, names in played(steps, by)]
    volume = Counter({path: 0 for _, path in found})
    volume.update(path for journey, path in found if is_mature(journey))
    ranked = sorted(volume, key=lambda path: (-volume[path], path))
    groups = [[path] for path in ranked[:top]] + ([ranked[top:]] if ranked[top:] else [])
    rows, total, so_far = [], sum(volume.values()), 0
    for group in groups:
        own = [journey for journey, path in found if path in group and is_mature(journey)]
        so_far += len(own)
        judged = [(cluster(j), j["outcome"] == "succeeded") for j in own if j["outcome"] is not None]
        seconds = [(j["steps"][-1]["occurred_at"] - j["steps"][0]["occurred_at"]).total_seconds() for j in own]
        rows.append((
            list(group[0]) if group[0] in ranked[:top] else ["(other)"],
            len(group), len(own), people(own), len(own) / total if total else None, so_far / total if total else None,
            *clustered(judged)[:3], percentile(seconds, 0.5),
            sum(path in group and not is_mature(journey) for journey, path in found),
        ))  # fmt: skip
    return rows


def places(names, sequence, gaps):
    """How often a sequence is in a path; with gaps, whether."""
    if gaps:
        return int(any(list(chosen) == sequence for chosen in combinations(names, len(sequence))))
    return sum(names[at : at + len(sequence)] == sequence for at in range(len(names)))


def candidates(found, longest, gaps):
    """Every sequence that is in any path, up to a length."""
    for _, names in found:
        for length in range(1, longest + 1):
            if gaps:
                yield from combinations(names, length)
            else:
                yield from (tuple(names[at : at + length]) for at in range(len(names) - length + 1))


def sequences(steps, longest, min_share, gaps, by="stage"):
    """{sequence: (n_times, n_journeys, n_people, share, low, high, n_open)}"""
    found = played(steps, by)
    n_mature, rows = sum(is_mature(journey) for journey, _ in found), {}
    for sequence in set(candidates(found, longest, gaps)):
        counts = [(journey, places(names, list(sequence), gaps)) for journey, names in found]
        own = [journey for journey, n in counts if n and is_mature(journey)]
        if len(sequence) > 1 and own and len(own) >= min_share * n_mature:
            rows[sequence] = (
                sum(n for journey, n in counts if is_mature(journey)), len(own), people(own),
                *clustered([(cluster(journey), n > 0) for journey, n in counts if is_mature(journey)])[:3],
                sum(n > 0 and not is_mature(journey) for journey, n in counts),
            )  # fmt: skip
    return rows


def discriminative(steps, goal, longest, min_share, gaps, by="stage"):
    """{sequence: ((n, rate, low, high) of those with it, the same of those without)}

    Without a goal the outcome says who won and who lost; who did neither counts only for how frequent a sequence is, and
    so does who began with the goal.
    """
    before = [
        (journey, names, names[: names.index(goal)] if goal in names else names) for journey, names in played(steps, by)
    ]
    mature = [(journey, goal in names, cut) for journey, names, cut in before if is_mature(journey)]
    if goal is None:
        verdict = {"succeeded": True, "dropped": False}
        mature = [(journey, verdict.get(journey["outcome"]), cut) for journey, _, cut in mature]
    mature = [(journey, won if cut else None, cut) for journey, won, cut in mature]
    rows = {}
    for sequence in set(candidates([(None, cut) for _, _, cut in mature], longest, gaps)):
        has = [places(cut, list(sequence), gaps) > 0 for _, _, cut in mature]
        if sum(has) >= min_share * len(mature):
            sides = [
                [
                    (cluster(j), won)
                    for (j, won, _), it in zip(mature, has, strict=True)
                    if it is side and won is not None
                ]
                for side in (True, False)
            ]
            if not sides[0]:
                continue
            rows[sequence] = tuple((len(side), *clustered(side)[:3]) for side in sides)
    return rows


def next_steps(steps, prefix, anywhere, by="stage"):
    """{name: (n_times, n_people, share, low, high, n_open)}"""
    found = []
    for journey, names in played(steps, by):
        for at in range(len(names) if anywhere else 1):
            if names[at : at + len(prefix)] == prefix:
                after = [*names, END[journey["outcome"]]]
                found.append((journey, after[at + len(prefix)]))
    mature = [(journey, name) for journey, name in found if is_mature(journey)]
    return {
        name: (
            sum(other == name for _, other in mature),
            people(journey for journey, other in mature if other == name),
            *clustered([(cluster(journey), other == name) for journey, other in mature])[:3],
            sum(other == name and not is_mature(journey) for journey, other in found),
        )
        for name in {name for _, name in found}
    }
