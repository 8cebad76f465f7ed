"""A slow, obvious twin of the comparison of two segments, and the bootstrap that its intervals must agree with."""

import random
from collections import defaultdict

from tests.journey_mining.reference import cluster, clustered, journeys


def units(found):
    """{(metric, name): [(cluster, is_hit), ...]} of the mature ones among some journeys."""
    counts = defaultdict(list)
    mature = [journey for journey in found if journey["outcome"] != "open"]
    names = {visit[0][0] for journey in found for visit in journey["visits"]}
    for journey in mature:
        visited = {visit[0][0] for visit in journey["visits"]}
        is_success, own = journey["outcome"] == "succeeded", cluster(journey)
        counts["success", None].append((own, is_success))
        for name in names:
            counts["reach", name].append((own, name in visited))
        for name in visited:
            is_last = journey["visits"][-1][0][0] == name
            counts["dropoff", name].append((own, journey["outcome"] == "dropped" and is_last))
            counts["conversion", name].append((own, is_success))
    return counts


def rates(found):
    """{(metric, name): (n, n_hits)} of the mature ones among some journeys."""
    return {key: (len(own), sum(is_hit for _, is_hit in own)) for key, own in units(found).items()}


def limits(found):
    """{(metric, name): (low, high)} of the same rates."""
    return {key: clustered(own)[1:3] for key, own in units(found).items()}


def sides(steps, column, a):
    """The journeys that begin with a value, and all others."""
    found = list(journeys(steps))
    return [[j for j in found if (j["steps"][0][column] == a) == is_a] for is_a in (True, False)]


def bootstrap(steps, column, a, n_draws=400):
    """{(metric, name): differences}, drawing people with all their journeys, again and again."""
    people = defaultdict(lambda: ([], []))
    for side, found in enumerate(sides(steps, column, a)):
        for journey in found:
            people[cluster(journey)][side].append(journey)
    drawn, everyone = defaultdict(list), list(people.values())
    source = random.Random(1)
    for _ in range(n_draws):
        chosen = source.choices(everyone, k=len(everyone))
        told = [rates([journey for person in chosen for journey in person[side]]) for side in (0, 1)]
        for key in told[0].keys() & told[1].keys():
            (n_a, hits_a), (n_b, hits_b) = told[0][key], told[1][key]
            drawn[key].append(hits_a / n_a - hits_b / n_b)
    return drawn
