"""Where journeys begin, what becomes of them, and what follows from that: slow and obvious."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from tests.reference.intervals import rate_interval, ratio_and_error


@dataclass(frozen=True)
class Touch:
    """A touch of a journey; position is that of its stage, place that in the order of events."""

    event_id: str
    subject: str
    occurred_at: datetime
    position: int
    stage: str
    place: tuple[Any, ...] = ()
    person: str | None = None
    touchpoint: str | None = None
    order: str | None = None


@dataclass(frozen=True)
class Rules:
    """How a journey is cut and judged."""

    gap: timedelta | None
    session_gap: timedelta
    window: timedelta
    success: int
    as_of: datetime
    is_of_person: bool = True


Journey = list[Touch]


def cut(touches: Iterable[Touch], rules: Rules) -> list[Journey]:
    """Cut each subject's touches into journeys, in order."""
    journeys: list[Journey] = []
    in_order = sorted(touches, key=lambda touch: (touch.subject, touch.occurred_at, touch.place, touch.event_id))
    for _, own in groupby(in_order, key=lambda touch: touch.subject):
        journey: Journey = []
        for touch in own:
            if journey and begins_anew(journey, touch, rules):
                journeys.append(journey)
                journey = []
            journey.append(touch)
        journeys.append(journey)
    return journeys


def begins_anew(journey: Journey, touch: Touch, rules: Rules) -> bool:
    """Whether a touch begins a new journey: after a long silence, or as a person's return after success."""
    silence = touch.occurred_at - journey[-1].occurred_at
    if rules.gap is not None and silence > rules.gap:
        return True
    has_succeeded = any(step.position == rules.success for step in journey)
    return rules.is_of_person and has_succeeded and touch.position < rules.success and silence > rules.session_gap


def succeeds(journey: Journey, rules: Rules) -> bool:
    """Whether a journey reaches its success within the window."""
    deadline = journey[0].occurred_at + rules.window
    return any(step.position == rules.success and step.occurred_at <= deadline for step in journey)


def outcome(journey: Journey, rules: Rules) -> str:
    """What has become of a journey as of the instant the data is complete to."""
    if journey[0].occurred_at + rules.window > rules.as_of:
        return "open"
    if succeeds(journey, rules):
        return "succeeded"
    if rules.gap is not None and rules.as_of - journey[-1].occurred_at <= rules.gap:
        return "active"
    return "dropped"


def visits(journey: Journey) -> list[str]:
    """The stages it visits, one after the other."""
    return [stage for stage, _ in groupby(step.stage for step in journey)]


def n_successes(journey: Journey, rules: Rules) -> int:
    """How many orders it brought; where no order has a name, how many visits to the success stage."""
    successes = [step for step in journey if step.position == rules.success]
    orders = {step.order for step in successes if step.order}
    return len(orders) or visits(journey).count(successes[0].stage if successes else "")


def person(journey: Journey) -> str | None:
    """Whose it is: the first person known of those who touched it."""
    return next((step.person for step in journey if step.person), None)


def transitions(journeys: Iterable[Journey], rules: Rules) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Count the moves of mature journeys, and of open ones."""
    counted: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = Counter(), Counter()
    for journey in journeys:
        end = outcome(journey, rules)
        path = ["(start)", *visits(journey), "(success)" if end == "succeeded" else f"({end})"]
        counted[end == "open"].update(pairwise(path))
    return counted


Dropoff = tuple[int, int, int, float, float | None, float | None, float | None, int]
"""n_journeys, n_people, n_dropped, rate, error, low, high, n_visits."""


def dropoff(journeys: Iterable[Journey], rules: Rules) -> dict[str, Dropoff]:
    """Tell the drop-off of each stage that a mature journey visited."""
    units: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    n_visits: Counter[str] = Counter()
    for journey in journeys:
        end = outcome(journey, rules)
        if end == "open":
            continue
        n_visits.update(visits(journey))
        for stage in set(visits(journey)):
            units[stage].append((journey[0].subject, end == "dropped" and journey[-1].stage == stage))
    return {
        stage: (
            len(own),
            len({person for person, _ in own}),
            sum(dropped for _, dropped in own),
            *ratio_and_error(own),
            *rate_interval(own),
            n_visits[stage],
        )
        for stage, own in units.items()
    }
