"""Whose each event is, and in which session it lies: slow, obvious, one event after the other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations


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
    order: str | None = None
    ticket: str | None = None

    @property
    def place(self) -> tuple[datetime, int, int, str]:
        """Its place in the order of events."""
        return self.occurred_at, self.source_rank, self.sequence, self.event_id

    @property
    def login(self) -> str | None:
        """The identifier of the one who is named, if anyone is."""
        return self.user or self.email or self.phone

    @property
    def is_of_device(self) -> bool:
        """Whether it lies in a visit of its device: all but a passive event that names somebody."""
        return self.device is not None and not (self.is_passive and self.login)


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
    """Cut the events of one device: at a silence longer than the gap, and at a second login.

    Passive events do not break silence; one before any active event is a visit by itself.
    """
    visits: list[Visit] = []
    last_active: datetime | None = None
    for event in sorted(events, key=lambda event: event.place):
        is_after_silence = not event.is_passive and last_active is not None and event.occurred_at - last_active > gap
        is_second_login = bool(visits and event.login and visits[-1].login and event.login != visits[-1].login)
        if last_active is None or is_after_silence or is_second_login:
            visits.append(Visit())
        visits[-1].add(event)
        if not event.is_passive:
            last_active = event.occurred_at
    return visits


def owners(events: Iterable[Event], gap: timedelta, attribute_back: timedelta) -> dict[str, str | None]:
    """Tell the identifier that each event belongs to."""
    found = {event.event_id: event.login or event.order or event.ticket for event in events}
    by_device: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.is_of_device:
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


Link = tuple[str, str]
"""Two identifiers, the smaller one first."""
SHED = ({"phone"}, {"email"}, {"device"}, {"order", "ticket"})
"""What a cluster over the cap loses, step by step."""


def links(events: Iterable[Event], owner_of: Mapping[str, str | None]) -> set[Link]:
    """Tell what belongs together: users, e-mails and phones on one event, and all that share an order or a ticket."""
    found: set[Link] = set()
    shared: dict[str, set[str]] = defaultdict(set)
    for event in events:
        together = sorted(identifier for identifier in (event.user, event.email, event.phone) if identifier)
        found |= set(combinations(together, 2))
        for subject in (event.order, event.ticket):
            if subject:
                shared[subject].add(owner_of[event.event_id])
    for subject, owners_of_it in shared.items():
        if len(owners_of_it) > 1:
            found |= {(min(owner, subject), max(owner, subject)) for owner in owners_of_it if owner != subject}
    return found


def kind_of(identifier: str) -> str:
    return identifier.split(":")[0]


def is_somebodys(identifier: str) -> bool:
    return kind_of(identifier) not in ("order", "ticket")


def clusters(
    found: Iterable[Link], caps: Mapping[str, int], unlinked: Iterable[Link] = ()
) -> tuple[dict[str, set[str]], dict[Link, str]]:
    """Tell the cluster of every identifier, and which links are suspended, and why."""
    every = set(found)
    suspended = dict.fromkeys(every & set(unlinked), "unlinked")
    neighbours: dict[str, set[str]] = defaultdict(set)
    for left, right in every - suspended.keys():
        neighbours[left].add(right)
        neighbours[right].add(left)
    over = {identifier for identifier, beside in neighbours.items() if _is_over(identifier, beside, caps)}
    suspended |= {link: "key_over_cap" for link in every - suspended.keys() if over & set(link)}
    for kinds in SHED:
        cluster_of = _components(every, every - suspended.keys())
        suspended |= {
            link: "person_over_cap"
            for link in every - suspended.keys()
            if sum(map(is_somebodys, cluster_of[link[0]])) > caps["person"] and kinds & set(map(kind_of, link))
        }
    return _components(every, every - suspended.keys()), suspended


def _is_over(identifier: str, beside: set[str], caps: Mapping[str, int]) -> bool:
    n_users = sum(kind_of(other) == "user" for other in beside)
    n_somebodys = sum(map(is_somebodys, beside))
    return n_somebodys > caps.get(kind_of(identifier), n_somebodys) or (not is_somebodys(identifier) and n_users > 1)


def _components(every: Iterable[Link], holding: Iterable[Link]) -> dict[str, set[str]]:
    """Unite, link by link, the sets of identifiers that it joins."""
    found = {identifier: {identifier} for link in every for identifier in link}
    for left, right in holding:
        united = found[left] | found[right]
        found |= dict.fromkeys(united, united)
    return found


def people(
    events: Iterable[Event], gap: timedelta, attribute_back: timedelta, caps: Mapping[str, int]
) -> dict[str, str | None]:
    """Tell the person of each event, by the smallest identifier that links lead to; orders and tickets alone are nobody."""
    owner_of = owners(events, gap, attribute_back)
    cluster_of, _ = clusters(links(events, owner_of), caps)
    found: dict[str, str | None] = {}
    for event_id, owner in owner_of.items():
        cluster = cluster_of.get(owner, {owner}) if owner else set()
        found[event_id] = min(cluster) if any(map(is_somebodys, cluster)) else None
    return found


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
