"""The countable units of some KPIs: who, when entered, what came of it, whether its time is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.reference import attempts
from tests.reference.events import Event
from tests.reference.journeys import Journey, Rules, person, succeeds
from tests.reference.sessions import Session

Unit = tuple[str | None, datetime, float | None, bool]


@dataclass(frozen=True)
class Known:
    """An event, and what was found out about it."""

    event: Event
    person: str | None
    role: str | None

    @property
    def at(self) -> datetime:
        return self.event.occurred_at


def cart_abandonment_rate(
    sessions: Iterable[tuple[Session, set[str]]], gap: timedelta | None, as_of: datetime
) -> list[Unit]:
    """Of each session with something in the cart: 1 if nothing was bought in it. `gap` is None for a source's sessions."""
    return [
        (own.person, own.started_at, int("purchased" not in roles), gap is None or own.ended_at + gap <= as_of)
        for own, roles in sessions
        if "cart_added" in roles
    ]


def login_success_rate(known: Sequence[Known], window: timedelta, as_of: datetime) -> list[Unit]:
    own = _moments(known, "login_tried", "login_succeeded")
    return [(whose, *unit) for whose, each in own.items() for unit in attempts.logins(each, as_of, window)]


def search_success_rate(known: Sequence[Known], window: timedelta, as_of: datetime) -> list[Unit]:
    own = _moments(known, "searched", "product_viewed")
    return [(whose, *unit) for whose, each in own.items() for unit in attempts.searches(each, as_of, window)]


def _moments(known: Sequence[Known], *roles: str) -> dict[str, list[attempts.Moment]]:
    """When each person did what plays one of the roles."""
    moments: dict[str, list[attempts.Moment]] = defaultdict(list)
    for fact in known:
        if fact.person and fact.role in roles:
            moments[fact.person].append((fact.role, fact.at))
    return moments


def orders(known: Sequence[Known]) -> list[tuple[str, datetime, str]]:
    """Each order of somebody once, at the first sign of it: whose, when, which."""
    found: dict[str, tuple[str, datetime, str]] = {}
    for fact in known:
        if fact.role == "purchased" and fact.person:
            name = fact.event.order or ":".join(fact.event.key)
            found.setdefault(name, (fact.person, fact.at, name))
    return list(found.values())


def repeat_purchase_rate(known: Sequence[Known], window: timedelta, as_of: datetime) -> list[Unit]:
    """Of each person who ordered: 1 if a second order came within the window after the first."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for whose, at, _ in orders(known):
        times[whose].append(at)
    return [
        (whose, min(own), int(len(own) > 1 and sorted(own)[1] - min(own) <= window), min(own) + window <= as_of)
        for whose, own in times.items()
    ]


def contact_rate(known: Sequence[Known], window: timedelta, as_of: datetime) -> list[Unit]:
    """Of each order: 1 if the same person opened a ticket within the window after it."""
    opened = [(fact.person, fact.at) for fact in known if fact.role == "ticket_opened"]
    return [
        (
            whose,
            at,
            int(any(other == whose and timedelta() <= then - at <= window for other, then in opened)),
            at + window <= as_of,
        )
        for whose, at, _ in orders(known)
    ]


def conversion_rate(journeys: Iterable[Journey], rules: Rules) -> list[Unit]:
    return [
        (
            person(journey),
            journey[0].occurred_at,
            int(succeeds(journey, rules)),
            journey[0].occurred_at + rules.window <= rules.as_of,
        )
        for journey in journeys
    ]


def first_response_hours(known: Sequence[Known], window: timedelta, as_of: datetime) -> list[Unit]:
    """Of each ticket opened: hours to the first response, if it came within the window; else no value."""
    opened: dict[str, datetime] = {}
    answers: dict[str, list[datetime]] = defaultdict(list)
    for fact in known:
        if fact.event.ticket and fact.role == "ticket_opened":
            opened.setdefault(fact.event.ticket, fact.at)
        elif fact.event.ticket and fact.role == "first_response":
            answers[fact.event.ticket].append(fact.at)
    units: list[Unit] = []
    for ticket, at in opened.items():
        wait = min((each - at for each in answers[ticket] if each >= at), default=None)
        hours = wait / timedelta(hours=1) if wait is not None and wait <= window else None
        whose = next(fact.person for fact in known if fact.event.ticket == ticket and fact.role == "ticket_opened")
        units.append((whose, at, hours, at + window <= as_of))
    return units
