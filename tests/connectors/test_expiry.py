"""How old what landed is: unreadable records tell no time, so the deliveries that brought them do."""

from datetime import datetime

from connectors.expiry import came_at
from connectors.manifest import Entry


def delivered(load_seq: int, source: str, replays: int | None = None) -> Entry:
    return Entry(
        load_seq=load_seq,
        source=source,
        input=f"{load_seq}.csv",
        input_sha256="",
        input_n_bytes=0,
        n_records=1,
        ledger=(),
        events=None,
        quarantine=None,
        cursor=None,
        complete_until=None,
        landing_hash="",
        replays=replays,
    )


def day(number: int) -> datetime:
    return datetime(2024, 5, number)


def test_a_delivery_is_as_old_as_its_source_had_come_with_it() -> None:
    """The second brings what is older than the first; the third is of another source; the fifth repairs the first."""
    entries = [
        delivered(1, "web"),
        delivered(2, "web"),
        delivered(3, "shop"),
        delivered(4, "web"),
        delivered(5, "web", 1),
    ]
    latest = {1: day(10), 2: day(8), 3: day(2), 4: day(20)}
    assert came_at(entries, latest) == {1: day(10), 2: day(10), 3: day(2), 4: day(20), 5: day(10)}


def test_what_came_before_its_source_told_any_time_is_as_old_as_the_first_that_did() -> None:
    assert came_at([delivered(1, "web"), delivered(2, "web")], {1: None, 2: day(10)}) == {1: day(10), 2: day(10)}


def test_a_source_that_never_tells_a_time_came_when_the_others_had_come_so_far() -> None:
    entries = [delivered(1, "web"), delivered(2, "mails"), delivered(3, "web"), delivered(4, "mails")]
    assert came_at(entries, {1: day(3), 3: day(9)}) == {1: day(3), 2: day(3), 3: day(9), 4: day(9)}


def test_where_nobody_tells_a_time_nothing_is_old() -> None:
    assert came_at([delivered(1, "mails")], {}) == {}
