"""Whose each event is, and in which session it lies: slow, obvious, one event after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Event:
    """What identity and sessions look at; the identifiers are written `kind:namespace:value`."""

    event_id: str
    occurred_at: datetime
    source_rank: int
    sequence: int
    is_passive: bool
    device: str | None
    user: str | None
    email: str | None
    phone: str | None

    @property
    def place(self) -> tuple[datetime, int, int, str]:
        """Its place in the order of events."""
        return self.occurred_at, self.source_rank, self.sequence, self.event_id

    @property
    def login(self) -> str | None:
        """The identifier of the one who is named, if anyone is."""
        return self.user or self.email or self.phone


@dataclass
class Visit:
    """A device visit while it goes on."""

    login: str | None = None
    login_at: datetime | None = None
    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        self.events.append(event)
        if event.login and not self.login:
            self.login, self.login_at = event.login, event.occurred_at

    @property
    def ended_at(self) -> datetime:
        """Its last event that is not passive; where all are, the last of them."""
        return max(
            (event.occurred_at for event in self.events if not event.is_passive), default=self.events[-1].occurred_at
        )


def device_visits(events: Iterable[Event], gap: timedelta) -> list[Visit]:
    """Cut the events of one device: at a silence longer than the gap, and at a second login. Passive events do not break silence."""
    visits: list[Visit] = []
    last_active: datetime | None = None
    for event in sorted(events, key=lambda event: event.place):
        is_after_silence = not event.is_passive and last_active is not None and event.occurred_at - last_active > gap
        if not visits or is_after_silence or (event.login and visits[-1].login and event.login != visits[-1].login):
            visits.append(Visit())
        visits[-1].add(event)
        if not event.is_passive:
            last_active = event.occurred_at
    return visits


def owners(events: Iterable[Event], gap: timedelta, attribute_back: timedelta) -> dict[str, str | None]:
    """Tell the identifier that each event belongs to."""
    found: dict[str, str | None] = {event.event_id: event.login for event in events}
    by_device: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.device:
            by_device[event.device].append(event)
    for device, own in by_device.items():
        visits = device_visits(own, gap)
        for number, visit in enumerate(visits):
            owner = visit.login
            if not owner:
                later = next((other for other in visits[number + 1 :] if other.login), None)
                is_near = later is not None and later.login_at - visit.ended_at <= attribute_back
                owner = later.login if is_near else device
            for event in visit.events:
                found[event.event_id] = event.login or owner
    return found


def people(events: Iterable[Event], gap: timedelta, attribute_back: timedelta) -> dict[str, str | None]:
    """Tell the person of each event, by the smallest identifier that links lead to."""
    links: dict[str, set[str]] = defaultdict(set)
    for event in events:
        together = [identifier for identifier in (event.user, event.email, event.phone) if identifier]
        for identifier in together:
            links[identifier].update(together)
    return {
        event_id: owner and min(_reachable(owner, links))
        for event_id, owner in owners(events, gap, attribute_back).items()
    }


def _reachable(start: str, links: Mapping[str, set[str]]) -> set[str]:
    seen, todo = set(), [start]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += links.get(here, ())
    return seen


def sessions(
    events: Iterable[Event], person_of: Mapping[str, str | None], gap: timedelta
) -> dict[str, tuple[str, datetime] | None]:
    """Tell the session of each event: its person and first instant; a passive event and one of nobody have none."""
    found: dict[str, tuple[str, datetime] | None] = {}
    last: dict[str, datetime] = {}
    started: dict[str, datetime] = {}
    for event in sorted(events, key=lambda event: event.place):
        person = person_of[event.event_id]
        if person is None or event.is_passive:
            found[event.event_id] = None
            continue
        if person not in last or event.occurred_at - last[person] > gap:
            started[person] = event.occurred_at
        last[person] = event.occurred_at
        found[event.event_id] = (person, started[person])
    return found
