"""What was delivered, and which of it counts: of an append source the first landed, of a snapshot the newest version."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Event:
    """One thing that happened; its identifiers are written `kind:namespace:value`."""

    event_id: str
    occurred_at: datetime
    source: str = "web"
    source_rank: int = 1
    sequence: int = 1
    name: str = "page_view"
    is_passive: bool = False
    device: str | None = None
    user: str | None = None
    email: str | None = None
    phone: str | None = None
    order: str | None = None
    ticket: str | None = None
    session_key: str | None = None
    account: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Its id within its source: two sources may use one."""
        return self.source, self.event_id

    @property
    def place(self) -> tuple[datetime, int, int, str]:
        """Its place in the order of events."""
        return self.occurred_at, self.source_rank, self.sequence, self.event_id

    @property
    def login(self) -> str | None:
        """The identifier of the one who is named, if anyone is."""
        return self.user or self.email or self.phone


@dataclass(frozen=True)
class Record:
    """What a source delivers: a text, and the events that it tells of. Of a snapshot: which record, in which version.

    A version that tells of no event may still name an order.
    """

    text: str
    events: tuple[Event, ...]
    record_id: str | None = None
    updated_at: datetime | None = None
    order: str | None = None


@dataclass(frozen=True)
class Delivery:
    """Records of one source, received together."""

    source: str
    is_snapshot: bool
    records: tuple[Record, ...]


def landed(deliveries: Sequence[Delivery]) -> tuple[list[Event], list[Counter[str]]]:
    """Tell the events that ever landed, superseded ones too, and per delivery what became of its records."""
    first: dict[tuple[str, str], str] = {}
    events: list[Event] = []
    fates = []
    for delivery in deliveries:
        fate: Counter[str] = Counter()
        for record in delivery.records:
            new = [event for event in record.events if delivery.is_snapshot or event.key not in first]
            conflicts = any(first[event.key] != record.text for event in record.events if event.key in first)
            fate["accepted" if new else "conflict" if conflicts else "duplicate"] += 1
            events += new
            first |= {event.key: record.text for event in new}
        fates.append(fate)
    return events, fates


def accepted(deliveries: Sequence[Delivery]) -> list[Event]:
    """Tell the events that count, each once."""
    events, _ = landed([delivery for delivery in deliveries if not delivery.is_snapshot])
    newest: dict[tuple[str, str | None], tuple[tuple[datetime, int, int], Record]] = {}
    for load_seq, delivery in enumerate(deliveries):
        for line_no, record in enumerate(delivery.records if delivery.is_snapshot else ()):
            version = record.updated_at or datetime.min, load_seq, line_no
            name = delivery.source, record.record_id
            if name not in newest or version > newest[name][0]:
                newest[name] = version, record
    return events + [event for _, record in newest.values() for event in record.events]
