"""Slow, obvious twins of the flows over lists of visits: plain Python, never shipped.

A path is a list of (name, entered_at). A pattern is a list of wanted positions, each a dict: `kind` ('step', 'start',
'end'), `names` (the set it may have), and, of the gap and the time since the position before, `fewest`, `most` (None:
any), `between` (the set of names that may lie there) and `in_time` (a function of seconds).
"""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from tests.journey_mining import reference


def paths(steps, by):
    """Each journey of the reference with its path, and the times of its first and last step."""
    for journey in reference.journeys(steps, by):
        path = [visit[0] for visit in journey["visits"]]
        first, last = journey["visits"][0][0][1], journey["visits"][-1][-1][1]
        yield journey | {"path": path, "first_at": first, "last_at": last}


def spots(journey, position):
    """[(number, time)] of all places that could be this position, were it alone."""
    if position["kind"] == "start":
        return [(0, journey["first_at"])]
    if position["kind"] == "end":
        return [(len(journey["path"]) + 1, journey["last_at"])]
    return [(n, at) for n, (name, at) in enumerate(journey["path"], start=1) if name in position["names"]]


def matches(journey, pattern, before=()):
    """Every match: a tuple of the visits' numbers, found by trying everything."""
    if len(before) == len(pattern):
        yield tuple(number for number, _ in before)
        return
    position = pattern[len(before)]
    for number, at in spots(journey, position):
        if before:
            previous, previous_at = before[-1]
            between = journey["path"][previous : number - 1]
            fits = (
                number > previous
                and position["fewest"]
                <= len(between)
                <= (len(between) if position["most"] is None else position["most"])
                and all(name in position["between"] for name, _ in between)
                and position["in_time"]((at - previous_at).total_seconds())
            )
            if not fits:
                continue
        yield from matches(journey, pattern, (*before, (number, at)))


def earliest(found):
    """Of some matches, each position as early as in any."""
    return tuple(map(min, zip(*found, strict=True)))


def anchor(journey, pattern, occurrence, offset, after=0, at=-1):
    """The place of a position of a pattern, moved by steps or by a time; None without one."""
    places = sorted({match[at] for match in matches(journey, pattern) if match[at] > after - (after == 0)})
    try:
        place = places[
            {"first": 0, "last": -1}.get(occurrence, occurrence - 1 if occurrence not in ("first", "last") else 0)
        ]
    except IndexError:
        return None
    if not isinstance(offset, timedelta):
        return place + offset
    times = [at for _, at in journey["path"]]
    here = times[place - 1] if 1 <= place <= len(times) else journey["first_at"] if place < 1 else journey["last_at"]
    if offset < timedelta(0):
        return max([n for n, at in enumerate(times, start=1) if at <= here + offset], default=0)
    return min([n for n, at in enumerate(times, start=1) if at >= here + offset], default=len(times) + 1)


def step_matrix(centred, columns, top=None):
    """{(step, name): (n_journeys, n_people, share, low, high, error, n_open)} of pairs of a journey and its centre."""
    volume = defaultdict(Counter)
    for journey, centre in centred:
        for number, (name, _) in enumerate(journey["path"], start=1):
            volume[number - centre][name] += 1
    kept = {step: sorted(names, key=lambda name: (-names[name], name))[:top] for step, names in volume.items()}

    def name_at(journey, number, step):
        if number < 1:
            return "(start)"
        if number > len(journey["path"]):
            return "(ended)"
        name = journey["path"][number - 1][0]
        return name if name in kept[step] else "(other)"

    cells = {}
    for step in columns:
        there = [(journey, name_at(journey, centre + step, step)) for journey, centre in centred]
        for name in {name for _, name in there}:
            cells[step, name] = told([(journey, found == name) for journey, found in there])
    return cells


def told(found):
    """(n_journeys, n_people, share, low, high, error, n_open) of (journey, is_there)"""
    mature = [(journey, is_there) for journey, is_there in found if journey["outcome"] != "open"]
    return (
        sum(is_there for _, is_there in mature),
        len({journey["person"] for journey, is_there in mature if is_there} - {None}),
        *reference.clustered([(reference.cluster(journey), is_there) for journey, is_there in mature]),
        sum(is_there for journey, is_there in found if journey["outcome"] == "open"),
    )


def sankey(sliced, max_steps, top, is_backwards=False, has_end=False):
    """{(step, source, target): (n_journeys, n_people, n_open, share, low, high, error)} of (journey, first, last)"""
    nodes = []
    for journey, first, last in sliced:
        names = [name for name, _ in journey["path"][first - 1 : last]]
        column = -len(names) + 1 if is_backwards else 1
        walk = [(column + place, name) for place, name in enumerate(names)]
        before, after = "(start)", "(end)" if has_end else reference.END[journey["outcome"]]
        if len(walk) > max_steps:
            before = "(more)" if is_backwards else before
            after = after if is_backwards else "(more)"
            walk = walk[-max_steps:] if is_backwards else walk[:max_steps]
        nodes.append([(walk[0][0] - 1, before), *walk, (walk[-1][0] + 1, after)])
    volume = defaultdict(Counter)
    for walk in nodes:
        for column, name in walk[1:-1]:
            volume[column][name] += 1
    kept = {column: sorted(names, key=lambda name: (-names[name], name))[:top] for column, names in volume.items()}
    links = defaultdict(list)
    for (journey, _, _), walk in zip(sliced, nodes, strict=True):
        named = [walk[0], *((c, name if name in kept[c] else "(other)") for c, name in walk[1:-1]), walk[-1]]
        for (column, source), (_, target) in pairwise(named):
            links[column, source, target].append(journey)
    everybody = [journey for journey, _, _ in sliced]
    rows = {}
    for link, there in links.items():
        ids = {journey["id"] for journey in there}
        n_journeys, n_people, share, low, high, error, n_open = told(
            [(journey, journey["id"] in ids) for journey in everybody]
        )
        rows[link] = (n_journeys, n_people, n_open, share, low, high, error)
    return rows
