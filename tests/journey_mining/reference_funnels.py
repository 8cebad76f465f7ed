"""The slow, obvious twin of the funnels: every attempt is followed step by step, in plain Python."""

from collections import defaultdict
from datetime import datetime, timedelta

from tests.journey_mining.reference import clustered, percentile


def limit(time):
    """A time, or longer than any."""
    return timedelta(days=99999) if time is None else time


class Attempt:
    """From one entry: the touches taken, by position, and how it ended."""

    def __init__(self, unit, held, entry, touches, depth, is_excluded, ended_at, is_open):
        self.unit, self.held, self.entry, self.touches, self.depth = unit, held, entry, touches, depth
        self.is_excluded, self.ended_at, self.is_open = is_excluded, ended_at, is_open


def sequences(steps, count, hold):
    """{(unit, held values): its steps in order}, each step with its place in the order."""
    found = defaultdict(list)
    for step in sorted(steps, key=lambda s: (s["occurred_at"], s["journey_id"], s["step_number"])):
        held = tuple(step[column] for column in hold)
        if any(value is None for value in held):
            continue
        person = step["person_id"]
        unit = ("person", person) if count == "people" and person else ("journey", step["journey_id"])
        found[unit, held].append(step | {"place": len(found[unit, held])})
    return found


def follow(own, entry, funnel):
    """Go on from an entry with the first touch of each stage; return the touches by position."""
    taken = {1: entry}
    for position, stage in enumerate(funnel["stages"], 1):
        if position == 1 or stage["optional"]:
            continue
        last = taken[max(taken)]
        if funnel["order"] == "strict":
            touch = next((s for s in own if s["place"] == last["place"] + 1 and s["stage"] in stage["names"]), None)
        else:
            rivals = [t for p, t in taken.items() if set(funnel["stages"][p - 1]["names"]) & set(stage["names"])]
            touch = next(
                (
                    s
                    for s in own
                    if s["stage"] in stage["names"]
                    and (s["place"] >= last["place"] or same_instant(s, last, funnel))
                    and all(s["place"] > rival["place"] for rival in rivals)
                ),
                None,
            )
        if touch is None or not is_allowed(own, touch, last, max(taken), stage, entry, funnel):
            break
        taken[position] = touch
    return taken


def same_instant(one, other, funnel):
    """Whether two steps have no order between them."""
    if funnel["ties"] is None or funnel["order"] == "strict":
        return one is other
    return abs(one["occurred_at"] - other["occurred_at"]) <= funnel["ties"]


def barred_after(own, step, position, funnel):
    """The first step that ends an attempt which stands on a step, at a position."""
    names = {name for where, name in funnel["barred"] if where == position}
    later = (s for s in own if s["place"] > step["place"] and not same_instant(s, step, funnel))
    return next((s for s in later if s["stage"] in names), None)


def is_allowed(own, touch, last, position, stage, entry, funnel):
    """Whether a touch is in time, and nothing barred came before it."""
    end = barred_after(own, last, position, funnel)
    return (
        touch["occurred_at"] - entry["occurred_at"] <= limit(funnel["window"])
        and touch["occurred_at"] - last["occurred_at"] <= limit(stage["within"])
        and (end is None or touch["place"] <= end["place"] or same_instant(touch, end, funnel))
    )


def follow_in_any_order(own, entry, funnel):
    """The first touch of each stage from an entry on, in their order."""
    found = []
    for stage in funnel["stages"]:
        later = (s for s in own if s["place"] >= entry["place"] or same_instant(s, entry, funnel))
        touch = next((s for s in later if s["stage"] in stage["names"]), None)
        if touch and is_allowed(own, touch, entry, 1, {"within": None}, entry, funnel):
            found.append(touch)
    return dict(enumerate(sorted(found, key=lambda touch: touch["place"]), 1))


def attempts(steps, funnel):
    """Every attempt of every unit."""
    needed = [p for p, stage in enumerate(funnel["stages"], 1) if not stage["optional"]]
    for (unit, held), own in sequences(steps, funnel["count"], funnel["hold"]).items():
        for entry in entries(own, funnel):
            taken = (follow_in_any_order if funnel["order"] == "any" else follow)(own, entry, funnel)
            depth = max(taken)
            following = next((p for p in needed if p > depth), None)
            limits = [entry["occurred_at"] + funnel["window"]] if funnel["window"] is not None else []
            if following and funnel["stages"][following - 1]["within"] is not None:
                limits.append(taken[depth]["occurred_at"] + funnel["stages"][following - 1]["within"])
            latest = min(limits, default=datetime.max)
            end = barred_after(own, taken[depth], depth, funnel)
            is_excluded = following is not None and end is not None and end["occurred_at"] <= latest
            over = taken[depth] if following is None else end if is_excluded else {"occurred_at": latest}
            takes = funnel["matures"]
            is_open = entry["outcome"] == "open" or (
                takes is not None and entry["occurred_at"] + takes > funnel["as_of"]
            )
            for position in set(range(1, len(funnel["stages"]) + 1)) - set(needed):
                add_optional(own, taken, position, entry, funnel)
            yield Attempt(unit, held, entry, taken, depth, is_excluded, over["occurred_at"], is_open)


def entries(own, funnel):
    """The touches that an attempt begins at; where instants have no order in them, the first of each instant."""
    begins = funnel["stages"] if funnel["order"] == "any" else funnel["stages"][:1]
    found = [step for step in own if any(step["stage"] in stage["names"] for stage in begins)]
    if funnel["ties"] is None or funnel["order"] == "strict":
        return found
    return list({step["occurred_at"]: step for step in reversed(found)}.values())


def add_optional(own, taken, position, entry, funnel):
    """Count an optional stage where a touch of it lies between its neighbours."""
    stage = funnel["stages"][position - 1]
    needed = [p for p, other in enumerate(funnel["stages"], 1) if not other["optional"]]
    before, after = max(p for p in needed if p < position), min((p for p in needed if p > position), default=None)
    if before not in taken:
        return
    last, following = taken[before], taken.get(after)
    later = (s for s in own if s["place"] >= last["place"] or same_instant(s, last, funnel))
    touch = next((s for s in later if s["stage"] in stage["names"]), None)
    if touch is None or not is_allowed(own, touch, last, before, stage, entry, funnel):
        return
    if following is None or touch["place"] <= following["place"] or same_instant(touch, following, funnel):
        taken[position] = touch


def counted(steps, funnel):
    """The attempts that count."""
    by_unit, found_of_all = defaultdict(list), []
    for attempt in attempts(steps, funnel):
        by_unit[attempt.unit].append(attempt)

    def earliest(attempt):
        return attempt.entry["occurred_at"], attempt.held, attempt.entry["place"]

    for own in by_unit.values():
        if funnel["entry"] == "best":
            found = [min(own, key=lambda a: (a.is_open, -a.depth, a.is_excluded, *earliest(a)))]
        elif funnel["entry"] == "first":
            found = [min(own, key=earliest)]
        else:
            found = []
            for attempt in sorted(own, key=lambda a: (a.held, *earliest(a))):
                before = [a for a in found if a.held == attempt.held]
                if not before or before[-1].ended_at < attempt.entry["occurred_at"]:
                    found.append(attempt)
        found_of_all += found
    is_person_out = funnel["on_exclude"] == "drop_person"
    gone = {cluster(a) for a in found_of_all if is_person_out and a.is_excluded and not a.is_open}
    return [a for a in found_of_all if cluster(a) not in gone]


def funnel(steps, funnel):
    """One dict per position."""
    found, every = counted(steps, funnel), list(attempts(steps, funnel))
    needed = [p for p, stage in enumerate(funnel["stages"], 1) if not stage["optional"]]
    for position in range(1, len(funnel["stages"]) + 1):
        before = max((p for p in needed if p < position), default=position)
        units = [a for a in found if before in a.touches and not a.is_open]
        here = [a for a in units if position in a.touches]
        times = [(a.touches[position]["occurred_at"] - a.touches[before]["occurred_at"]).total_seconds() for a in here]
        rate, low, high, _ = clustered([(cluster(a), position in a.touches) for a in units])
        is_first = position == 1
        yield {
            "position": position,
            "n_entries": len(here),
            "n_journeys": len({a.entry["journey_id"] for a in here}),
            "n_people": len({a.entry["person_id"] for a in here} - {None}),
            "share_of_previous": None if is_first else rate,
            "n_lost": len(units) - len(here),
            "low": None if is_first else low,
            "high": None if is_first else high,
            "median_seconds": None if is_first else percentile(times, 0.5),
            "n_open": sum(position in a.touches for a in found if a.is_open),
            "n_excluded": sum(a.is_excluded and a.depth == position for a in every if not a.is_open),
        }


def cluster(attempt):
    person = attempt.entry["person_id"]
    return ("person", person) if person is not None else ("journey", attempt.entry["journey_id"])
