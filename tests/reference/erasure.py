"""Who is erased, and what is theirs: told by the names they had, of what has landed and of what comes later."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tests.reference.events import Delivery, Event, Record, accepted, landed
from tests.reference.identity import Rules, is_blocked, people

Names = frozenset[str]
"""Identifiers, and `event:SOURCE:ID`, `record:SOURCE:ID`, and `nobody:IDENTIFIER` of a login that names nobody."""


def names_of(person: str, deliveries: Sequence[Delivery], rules: Rules) -> Names:
    """Tell by what a person is known: their identifiers, what they alone were seen with, and what they did unnamed."""
    counted = accepted(deliveries)
    known = people(counted, rules)
    own = known.identifiers[person]
    theirs = [event for event in counted if known.of_event[event.key] == person]
    others = {
        name
        for event in counted
        for name in subjects(event)
        if known.of_event[event.key] not in (None, person, name)  # an anonymous visitor of a device is nobody else
    }
    names = {*own, *({name for event in theirs for name in subjects(event)} - others)}
    names |= {f"event:{event.source}:{event.event_id}" for event in theirs if not own & {*logins(event)}}
    every_login = {login for event in landed(deliveries)[0] for login in logins(event)}
    names |= {f"nobody:{login}" for login in every_login if is_blocked(login, rules)}
    return frozenset(names | set(records_of(frozenset(names), deliveries)))


def records_of(names: Names, deliveries: Sequence[Delivery]) -> Iterator[str]:
    """Tell the records that are theirs, all versions of them: whose a record is says the latest that tells of an event."""
    latest: dict[tuple[str, str | None], tuple[tuple[datetime, int, int], Record]] = {}
    for load_seq, delivery in enumerate(deliveries):
        for line_no, record in enumerate(delivery.records if delivery.is_snapshot else ()):
            name, version = (delivery.source, record.record_id), (record.updated_at or datetime.min, load_seq, line_no)
            if record.events and (name not in latest or version > latest[name][0]):
                latest[name] = version, record
    return (f"record:{source}:{id}" for (source, id), (_, record) in latest.items() if is_of(names, source, record))


def is_of(names: Names, source: str, record: Record) -> bool:
    """Tell whether a record is of somebody who has one of these names.

    A device, an order or a ticket says so only where nobody is named: it may be somebody else's too.
    """
    if f"record:{source}:{record.record_id}" in names:
        return True
    if not record.events:
        return record.order in names
    for event in record.events:
        called = {f"event:{source}:{event.event_id}", *logins(event)}
        is_unnamed = all(f"nobody:{login}" in names or login.startswith("email:shared-") for login in logins(event))
        if names & called or (is_unnamed and names & {*subjects(event)}):
            return True
    return False


def kept_out(names: Names, delivery: Delivery) -> Delivery:
    """A delivery without the records of those who were erased; a later copy in it does not come in the stead of one."""
    kept: list[Record] = []
    seen: set[tuple[str, str]] = set()
    gone: set[tuple[str, str]] = set()
    for record in delivery.records:
        keys = {event.key for event in record.events}
        if is_of(names, delivery.source, record):
            gone |= keys - seen
        elif delivery.is_snapshot or not keys & gone:
            kept.append(record)
        seen |= keys
    return replace(delivery, records=tuple(kept))


def forgotten(names: Names, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What is left of deliveries: a copy or a conflicting record that did not land does not come in its stead."""
    first: set[tuple[str, str]] = set()
    left = []
    for delivery in deliveries:
        new: list[Record] = []
        for record in delivery.records:
            keys = {event.key for event in record.events}
            if delivery.is_snapshot or keys - first:
                new.append(record)
            first |= keys
        left.append(kept_out(names, replace(delivery, records=tuple(new))))
    return left


def logins(event: Event) -> Iterator[str]:
    return filter(None, (event.user, event.email, event.phone))


def subjects(event: Event) -> Iterator[str]:
    return filter(None, (event.device, event.order, event.ticket))
