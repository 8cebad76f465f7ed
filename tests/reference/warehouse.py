"""From deliveries and a definition to every table of the middle: accepted events, people, sessions, journeys, KPIs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any

from pipelines.definition import Definition
from pipelines.definition_parts import Touchpoint
from tests.drawn_text import id_of
from tests.reference import identity, journeys, sessions, units
from tests.reference.events import Delivery, Event, accepted, landed
from tests.reference.units import Known

Tables = Mapping[str, Counter[tuple[Any, ...]]]

ROLES = {
    "cart_abandonment_rate": {"cart_added", "purchased"},
    "login_success_rate": {"login_tried", "login_succeeded"},
    "search_success_rate": {"searched", "product_viewed"},
    "repeat_purchase_rate": {"purchased"},
    "contact_rate": {"purchased", "ticket_opened"},
    "first_response_hours": {"ticket_opened", "first_response"},
}
"""What each KPI rests on; conversion rests on the touchpoints of its journey."""


def tables(deliveries: Sequence[Delivery], definition: Definition, rules: identity.Rules) -> Tables:
    """Make the rows of each table; people by the id of their smallest identifier, sessions and journeys by their start."""
    events = sorted(accepted(deliveries), key=lambda event: event.place)
    people = identity.people(events, rules)
    session_rules = rules_of_sessions(definition)
    found = sessions.sessions(events, people.of_event, session_rules)
    session_of = sessions.session_of(found)
    touchpoint_of = {event.key: touchpoint(event, definition) for event in events}
    role_of = {name: each.role for name, each in definition.touchpoints.items()}
    known = [
        Known(identity.unblocked(event, rules), people.of_event[event.key], role_of.get(touchpoint_of[event.key] or ""))
        for event in events
    ]
    complete_until = completeness(deliveries, definition)
    made: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    made["events"] = [
        (
            *fact.event.key,
            fact.at,
            _id(fact.person),
            session_of[fact.event.key].started_at if fact.event.key in session_of else None,
            touchpoint_of[fact.event.key],
            fact.role,
        )
        for fact in known
    ]
    made["sessions"] = [
        (_id(own.person), own.started_at, own.ended_at, len(own.events), own.is_over_cap(session_rules))
        for own in found
    ]
    made["suspended_links"] = [(*pair, *why) for pair, why in people.suspended.items()]
    cut: dict[str, tuple[list[journeys.Journey], journeys.Rules]] = {}
    for name in definition.journeys:
        touches = touches_of(name, definition, known, touchpoint_of, session_of)
        cut[name] = journeys.cut(touches, judge := rules_of_journey(name, definition, complete_until)), judge
        _add_journeys(made, name, *cut[name])
    for kpi in definition.kpis:
        made["kpi_units"] += [
            (kpi, _id(whose), at, value, is_mature)
            for whose, at, value, is_mature in _units(
                kpi, definition, known, found, role_of, touchpoint_of, cut, complete_until
            )
        ]
    return {name: Counter(rows) for name, rows in made.items()}


def _id(person: str | None) -> str | None:
    return person and id_of(person)


def touchpoint(event: Event, definition: Definition) -> str | None:
    """The first touchpoint whose source and event name match; pages and properties play no part here."""
    for name, rule in definition.touchpoints.items():
        if rule.source in (None, event.source) and any(fnmatchcase(event.name, glob) for glob in rule.event or "*"):
            return name
    return None


def completeness(deliveries: Sequence[Delivery], definition: Definition) -> dict[str, datetime]:
    """Up to when each source has delivered: its latest event that is not passive."""
    found: dict[str, datetime] = {}
    for event in landed(deliveries)[0]:
        if event.source in definition.sources and not event.is_passive:
            found[event.source] = max(event.occurred_at, found.get(event.source, datetime.min))
    return found


def as_of(touched: Iterable[Touchpoint], complete_until: Mapping[str, datetime]) -> datetime:
    """The least of `complete_until` over the sources that the touchpoints name; one that names none may be of any.

    Nothing is over where none has delivered.
    """
    named = {each.source for each in touched}
    return min(
        (until for source, until in complete_until.items() if source in named or None in named), default=datetime.min
    )


def rules_of_sessions(definition: Definition) -> sessions.Rules:
    cap = definition.sessions.cap
    return sessions.Rules(
        timedelta(seconds=definition.sessions.gap),
        definition.sessions.by == "source",
        cap.events,
        timedelta(seconds=cap.time),
    )


def rules_of_journey(name: str, definition: Definition, complete_until: Mapping[str, datetime]) -> journeys.Rules:
    journey = definition.journeys[name]
    return journeys.Rules(
        gap=None if journey.gap is None else timedelta(seconds=journey.gap),
        session_gap=timedelta(seconds=definition.sessions.gap),
        window=timedelta(seconds=journey.window),
        success=list(journey.stages).index(journey.success) + 1,
        as_of=as_of(_touchpoints_of(name, definition), complete_until),
        is_of_person=journey.subject == "person",
    )


def _touchpoints_of(name: str, definition: Definition) -> list[Touchpoint]:
    return [
        definition.touchpoints[each]
        for stage in definition.journeys[name].stages.values()
        for each in stage.touchpoints
    ]


def touches_of(
    name: str,
    definition: Definition,
    known: Iterable[Known],
    touchpoint_of: Mapping[identity.Key, str | None],
    session_of: Mapping[identity.Key, sessions.Session],
) -> list[journeys.Touch]:
    """The touches of a journey: of a person, what they did; of anything else, everything that happened to it."""
    journey = definition.journeys[name]
    place_of = {
        each: (position, stage)
        for position, (stage, spec) in enumerate(journey.stages.items(), 1)
        for each in spec.touchpoints
    }
    found = []
    for fact in known:
        key = fact.event.key
        session = session_of.get(key)
        subject = {
            "person": fact.person,
            "ticket": fact.event.ticket,
            "order": fact.event.order,
            "account": fact.event.account,
            "session": session and f"{session.person} {session.name}",
        }[journey.subject]
        if touchpoint_of[key] in place_of and subject and not (journey.subject == "person" and fact.event.is_passive):
            position, stage = place_of[touchpoint_of[key]]
            found.append(
                journeys.Touch(
                    fact.event.event_id, subject, fact.at, position, stage, fact.event.place, fact.person,
                    touchpoint_of[key], fact.event.order,
                )
            )  # fmt: skip
    return found


def _add_journeys(
    made: dict[str, list[tuple[Any, ...]]], name: str, cut: Iterable[journeys.Journey], rules: journeys.Rules
) -> None:
    cut = list(cut)
    for journey in cut:
        whose, start = _id(journeys.person(journey)), journey[0].occurred_at
        visits = [list(steps) for _, steps in groupby(journey, key=lambda step: step.stage)]
        made["journeys"].append(
            (
                name, whose, start, journey[-1].occurred_at, len(journey), len(visits), journey[0].stage, journey[-1].stage,
                journeys.n_successes(journey, rules), journey[0].position == rules.success, journeys.outcome(journey, rules),
            )
        )  # fmt: skip
        for number, step in enumerate(journey, 1):
            made["journey_steps"].append(
                (name, start, number, step.event_id, _id(step.person), step.stage, step.touchpoint)
            )
        for number, visit in enumerate(visits, 1):
            left_at = visits[number][0].occurred_at if number < len(visits) else visit[-1].occurred_at
            made["stage_visits"].append(
                (name, start, number, visit[0].stage, visit[0].occurred_at, left_at, len(visit))
            )
    mature, still_open = journeys.transitions(cut, rules)
    made["transitions"] += [(name, *move, mature[move], still_open[move]) for move in {*mature, *still_open}]


def _units(
    kpi: str,
    definition: Definition,
    known: Sequence[Known],
    found: Iterable[sessions.Session],
    role_of: Mapping[str, str | None],
    touchpoint_of: Mapping[identity.Key, str | None],
    cut: Mapping[str, tuple[list[journeys.Journey], journeys.Rules]],
    complete_until: Mapping[str, datetime],
) -> list[units.Unit]:
    if kpi == "conversion_rate":
        return units.conversion_rate(*cut[definition.kpis[kpi].journey or next(iter(definition.journeys))])
    until = as_of([each for each in definition.touchpoints.values() if each.role in ROLES[kpi]], complete_until)
    window = timedelta(seconds=definition.kpis[kpi].window or 0)
    match kpi:
        case "cart_abandonment_rate":
            gap = None if definition.sessions.by == "source" else timedelta(seconds=definition.sessions.gap)
            roles = [(own, {role_of.get(touchpoint_of[event.key] or "") for event in own.events}) for own in found]
            return units.cart_abandonment_rate(roles, gap, until)
        case "login_success_rate":
            return units.login_success_rate(known, window, until)
        case "search_success_rate":
            return units.search_success_rate(known, window, until)
        case "repeat_purchase_rate":
            return units.repeat_purchase_rate(known, window, until)
        case "contact_rate":
            return units.contact_rate(known, window, until)
        case _:
            return units.first_response_hours(known, window, until)
