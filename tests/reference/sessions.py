"""In which session each event lies: slow, obvious, one event after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.reference.events import Event
from tests.reference.identity import Key


@dataclass(frozen=True)
class Rules:
    """Gap sessions, or the source's own; over the cap is what has more events or takes longer."""

    gap: timedelta
    is_by_source: bool = False
    most_events: int = 2000
    longest: timedelta = timedelta(hours=24)


@dataclass
class Session:
    """A run of one person's events, in order; its name tells it from the person's other ones."""

    person: str
    name: str
    events: list[Event]

    @property
    def started_at(self) -> datetime:
        return self.events[0].occurred_at

    @property
    def ended_at(self) -> datetime:
        return self.events[-1].occurred_at

    def is_over_cap(self, rules: Rules) -> bool:
        return len(self.events) > rules.most_events or self.ended_at - self.started_at > rules.longest


def sessions(events: Iterable[Event], person_of: Mapping[Key, str | None], rules: Rules) -> list[Session]:
    """Gather each person's events into sessions; a passive event and one of nobody are in none."""
    found: list[Session] = []
    of_person: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.place):
        person = person_of[event.key]
        if person is not None and not event.is_passive:
            of_person[person].append(event)
    for person, own in of_person.items():
        found += _by_source(person, own) if rules.is_by_source else _by_gap(person, own, rules.gap)
    return found


def _by_gap(person: str, own: Iterable[Event], gap: timedelta) -> list[Session]:
    found: list[Session] = []
    for event in own:
        if not found or event.occurred_at - found[-1].ended_at > gap:
            found.append(Session(person, str(event.occurred_at), []))
        found[-1].events.append(event)
    return found


def _by_source(person: str, own: Iterable[Event]) -> list[Session]:
    found: dict[str, Session] = {}
    for event in own:
        if event.session_key:
            name = f"{event.source} {event.session_key}"
            found.setdefault(name, Session(person, name, [])).events.append(event)
    return list(found.values())


def session_of(found: Iterable[Session]) -> dict[Key, Session]:
    """Tell the session of each event that is in one."""
    return {event.key: session for session in found for event in session.events}
