"""Whose each event is: slow, obvious, one event after the other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from unicodedata import category, normalize

from tests.reference.events import Event

Key = tuple[str, str]
Link = tuple[str, str]
"""Two identifiers, the smaller one first."""

SHED = ({"phone"}, {"email"}, {"device"}, {"order", "ticket"})
"""What a cluster over the cap loses, step by step."""

NOBODY = {
    "null", "none", "nil", "nan", "nat", "na", "n/a", "#n/a", "n.a.", "\\n", "undefined", "unset", "unknown", "anonymous", "guest",
    "notset", "objectobject", "-1", "f",
}  # fmt: skip
"""Those that tests draw, without case, blanks, quotes and brackets."""
AROUND = ("Z", "Cc", "Cf", "Ps", "Pe", "Pi", "Pf")
"""Kinds of characters, by Unicode, that stand around a value and are no part of it."""


@dataclass(frozen=True)
class Rules:
    """How identifiers become people."""

    gap: timedelta
    attribute_back: timedelta
    caps: Mapping[str, int]
    blocked: frozenset[str] = frozenset()
    unlinked: frozenset[Link] = frozenset()


def kind_of(identifier: str) -> str:
    return identifier.split(":")[0]


def is_somebodys(identifier: str) -> bool:
    """Whether it is a person's own; an order or a ticket only leads to one."""
    return kind_of(identifier) not in ("order", "ticket")


def link(one: str, other: str) -> Link:
    return min(one, other), max(one, other)


def is_blocked(identifier: str, rules: Rules) -> bool:
    """Whether an identifier stands for nobody: the definition says so, or it is what programs write for nothing."""
    value = normalize("NFKC", identifier.split(":", 2)[-1]).lower()
    plain = "".join(c for c in value if not (category(c).startswith(AROUND) or c in "'\"`<>"))
    is_nothing = all(c == "0" or category(c).startswith("P") for c in plain)
    is_filled = len(plain) >= 8 and set(plain) <= set("f:-")
    return identifier in rules.blocked or value.startswith("shared-") or plain in NOBODY or is_nothing or is_filled


def unblocked(event: Event, rules: Rules) -> Event:
    """The event without its blocked identifiers."""
    names = ("user", "email", "phone", "device", "order", "ticket", "account")
    gone = {name: None for name in names if (own := getattr(event, name)) and is_blocked(own, rules)}
    return replace(event, **gone)


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

    Passive events do not break silence, and one before anybody was active is a visit of its own.
    """
    visits: list[Visit] = []
    last_active: datetime | None = None
    for event in sorted(events, key=lambda event: event.place):
        is_first = last_active is None
        is_after_silence = not event.is_passive and not is_first and event.occurred_at - last_active > gap
        if is_first or is_after_silence or (event.login and visits[-1].login and event.login != visits[-1].login):
            visits.append(Visit())
        visits[-1].add(event)
        if not event.is_passive:
            last_active = event.occurred_at
    return visits


def owners(events: Iterable[Event], rules: Rules) -> dict[Key, str | None]:
    """Tell the identifier that each event belongs to; `events` without their blocked identifiers.

    Whom a passive event names did nothing at its device.
    """
    found = {event.key: event.login or event.order or event.ticket for event in events}
    by_device: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.device and not (event.is_passive and event.login):
            by_device[event.device].append(event)
    for device, own in by_device.items():
        visits = device_visits(own, rules.gap)
        for number, visit in enumerate(visits):
            owner = visit.login
            if not owner:
                later = next((other for other in visits[number + 1 :] if other.login), None)
                is_near = later is not None and later.login_at - visit.ended_at <= rules.attribute_back
                owner = later.login if is_near else device
            for event in visit.events:
                found[event.key] = event.login or owner
    return found


def links(events: Iterable[Event], owner_of: Mapping[Key, str | None]) -> Counter[Link]:
    """Count the events that show two identifiers to belong together.

    Users, e-mails and phones do on one event; an order or a ticket with its owners, where it has more than one.
    """
    owners_of: dict[str, set[str]] = defaultdict(set)
    for event in events:
        for subject in filter(None, (event.order, event.ticket)):
            owners_of[subject].add(owner_of[event.key])
    found: Counter[Link] = Counter()
    for event in events:
        owner = owner_of[event.key]
        together = [(event.user, event.email), (event.user, event.phone), (event.email, event.phone)]
        together += [(owner, subject) for subject in (event.order, event.ticket) if len(owners_of[subject]) > 1]
        found.update(link(one, other) for one, other in together if one and other and one != other)
    return found


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
    suspended |= {each: "key_over_cap" for each in every - suspended.keys() if over & set(each)}
    for kinds in SHED:
        cluster_of = _components(every, every - suspended.keys())
        suspended |= {
            each: "person_over_cap"
            for each in every - suspended.keys()
            if sum(map(is_somebodys, cluster_of[each[0]])) > caps["person"] and kinds & set(map(kind_of, each))
        }
    return _components(every, every - suspended.keys()), suspended


def _is_over(identifier: str, beside: set[str], caps: Mapping[str, int]) -> bool:
    spaces = [other.split(":")[1] for other in beside if kind_of(other) == "user"]
    n_users = max(map(spaces.count, spaces), default=0)
    n_somebodys = sum(map(is_somebodys, beside))
    return n_somebodys > caps.get(kind_of(identifier), n_somebodys) or (not is_somebodys(identifier) and n_users > 1)


def _components(every: Iterable[Link], holding: Iterable[Link]) -> dict[str, set[str]]:
    """Unite, link by link, the sets of identifiers that it joins."""
    found = {identifier: {identifier} for each in every for identifier in each}
    for left, right in holding:
        united = found[left] | found[right]
        found |= dict.fromkeys(united, united)
    return found


@dataclass(frozen=True)
class People:
    """The person of each event, named by their smallest own identifier, the links that were not followed, all identifiers."""

    of_event: Mapping[Key, str | None]
    suspended: Mapping[Link, tuple[str, int]]
    identifiers: Mapping[str, frozenset[str]]


def people(events: Iterable[Event], rules: Rules) -> People:
    """Tell whose each event is; orders and tickets among themselves are nobody's."""
    cleared = [unblocked(event, rules) for event in events]
    owner_of = owners(cleared, rules)
    seen = links(cleared, owner_of)
    cluster_of, suspended = clusters(seen, rules.caps, rules.unlinked)
    found: dict[Key, str | None] = {}
    identifiers: dict[str, frozenset[str]] = {}
    for key, owner in owner_of.items():
        cluster = cluster_of.get(owner, {owner}) if owner else set()
        found[key] = person = min(filter(is_somebodys, cluster), default=None)
        if person:
            identifiers[person] = frozenset(cluster)
    return People(found, {each: (reason, seen[each]) for each, reason in suspended.items()}, identifiers)
