"""Slow, obvious twins of the Markov functions: chains solved by going on and on, plain Python, never shipped."""

from collections import Counter, defaultdict
from itertools import pairwise, permutations
from math import log, sqrt

from tests.journey_mining.reference import END, cluster, journeys

SOON = 1e-13


def chains(steps, success=None, by="stage", of=None):
    """One dict per mature journey: its cluster, its names up to its finish, the seconds between, how it ended."""
    for journey in journeys(steps, by):
        if journey["outcome"] == "open":
            continue
        names = [(visit[0][0], visit[0][1]) for visit in journey["visits"]]
        finished_at, end = journey["steps"][-1]["occurred_at"], END[journey["outcome"]]
        touched = journey["steps"]
        if success is not None:
            end = "(end)"
            for number, step in enumerate(journey["steps"]):
                if step[by] == success:
                    end, finished_at = "(success)", step["occurred_at"]
                    touched = journey["steps"][: number + 1]
                    place = [name for name, _ in names].index(success)
                    names = names[: place + 1]
                    break
        if of is not None:
            names = []
            for step in touched:
                value = step[of] if step[of] == step[of] else None
                if value is not None and (not names or names[-1][0] != value):
                    names.append((value, step["occurred_at"]))
        instants = [at for _, at in names] + [finished_at]
        seconds = [(after - before).total_seconds() for before, after in pairwise(instants)]
        yield {"cluster": cluster(journey), "names": [name for name, _ in names], "seconds": seconds, "end": end}


def counted(found, weight=lambda _: 1):
    """{source: {target: n}} and {source: mean seconds}; each journey counts by the weight of its cluster."""
    moves, seconds = defaultdict(lambda: defaultdict(float)), defaultdict(float)
    for chain in found:
        w = weight(chain["cluster"])
        for pair in pairwise(["(start)", *chain["names"], chain["end"]]):
            moves[pair[0]][pair[1]] += w
        for name, spent in zip(chain["names"], chain["seconds"], strict=True):
            seconds[name] += w * spent
    return moves, {name: seconds[name] / sum(moves[name].values()) for name in moves}


def shares(moves):
    return {source: {t: n / sum(targets.values()) for t, n in targets.items()} for source, targets in moves.items()}


def expected(probabilities, added, at_success):
    """{state: what is expected from it on}, by following the chain until nothing is left on the way."""
    value = dict.fromkeys(probabilities, 0.0)
    for _ in range(20_000):
        step = {
            s: added(s) + sum(p * (at_success if t == "(success)" else value.get(t, 0.0)) for t, p in targets.items())
            for s, targets in probabilities.items()
        }
        if max(abs(step[s] - value[s]) for s in value) < SOON:
            return step
        value = step
    raise AssertionError("the chain does not end")


def success_of(moves_shares):
    return expected(moves_shares, lambda _: 0.0, 1.0)


def markov(found, weight=lambda _: 1):
    """{state: (P(success), visits to come, seconds to go)}"""
    moves, seconds = counted(found, weight)
    p = shares(moves)
    success, all_moves = success_of(p), expected(p, lambda _: 1.0, 0.0)
    time = expected(p, lambda s: seconds[s], 0.0)
    return {s: (success[s], all_moves[s] - 1, time[s]) for s in p}


def removed(found, name, weight=lambda _: 1):
    """1 - P(success) without a name, whoever comes to it being lost, over P(success)."""
    p = shares(counted(found, weight)[0])
    without = {s: {("(lost)" if t == name else t): q for t, q in targets.items()} for s, targets in p.items()}
    return 1 - success_of(without)["(start)"] / success_of(p)["(start)"]


def changed(found, changes, weight=lambda _: 1):
    """P(success) from the start with edges set, the others sharing what is left."""
    p = shares(counted(found, weight)[0])
    for source in {source for source, _ in changes}:
        fixed = {target: q for (s, target), q in changes.items() if s == source}
        free = {t: q for t, q in p[source].items() if t not in fixed}
        left = (1 - sum(fixed.values())) / (sum(free.values()) or 1)
        p[source] = {**{t: q * left for t, q in free.items()}, **fixed}
    return success_of(p)["(start)"]


def error(found, estimate):
    """The standard error clustered by person: how an estimate moves as each person weighs a little more or less."""
    people = sorted({chain["cluster"] for chain in found}, key=str)
    if len(people) == 1:
        return None
    little, squares = 1e-4, 0.0
    for person in people:
        up = estimate(lambda c, person=person: 1 + little * (c == person))
        down = estimate(lambda c, person=person: 1 - little * (c == person))
        squares += ((up - down) / (2 * little)) ** 2
    return sqrt(len(people) / (len(people) - 1) * squares)


def credits(found, rule, half_life=1.0):
    """{name: successes}, None for those without a touch."""
    given = Counter()
    for chain in found:
        if chain["end"] != "(success)":
            continue
        names, n = chain["names"], len(chain["names"])
        if not names:
            given[None] += 1
            continue
        ages = [sum(chain["seconds"][place:-1]) for place in range(n)]
        weights = {
            "first": [1.0] + [0.0] * (n - 1),
            "last": [0.0] * (n - 1) + [1.0],
            "linear": [1 / n] * n,
            "position": [1 / n] * n if n < 3 else [0.4] + [0.2 / (n - 2)] * (n - 2) + [0.4],
            "decay": [2 ** (-age / half_life) for age in ages],
        }[rule]
        for name, weight in zip(names, weights, strict=True):
            given[name] += weight / sum(weights)
    return {name: credit for name, credit in given.items() if credit}


def shapley(found):
    """{name: what it adds to the successes that touched no other, on average over all orders of joining}"""
    sets = [frozenset(chain["names"]) for chain in found if chain["end"] == "(success)" and chain["names"]]
    names = sorted({name for one in sets for name in one})
    value = Counter()
    orders = list(permutations(names))
    for order in orders:
        for place, name in enumerate(order):
            before, after = set(order[:place]), set(order[: place + 1])
            value[name] += sum(one <= after for one in sets) - sum(one <= before for one in sets)
    return {name: value[name] / len(orders) for name in names}


def log_likelihood(found, order):
    """Of every move out of a visit, given as many names as the order says."""
    moves = defaultdict(Counter)
    for chain in found:
        path = ["(start)", *chain["names"], chain["end"]]
        for place in range(1, len(path) - 1):
            moves[tuple(path[place - order + 1 : place + 1]) if order else ()][path[place + 1]] += 1
    return sum(n * log(n / sum(targets.values())) for targets in moves.values() for n in targets.values())
