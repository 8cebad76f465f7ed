"""The manifest is the one list of what has landed: whole or not there, and read back as it was written."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError
from connectors.manifest import Entry, LandedFile, LedgerRow, commit, read

FATES = st.builds(
    LedgerRow,
    status=st.sampled_from(["accepted", "duplicate", "filtered", "quarantined"]),
    reason=st.none() | st.text(),
    n_records=st.integers(0),
)
FILES = st.builds(LandedFile, path=st.text(), sha256=st.text(), n_bytes=st.integers(0), n_rows=st.integers(0))
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    load_seq=st.integers(1),
    source=st.text(),
    input=st.text(),
    input_sha256=st.text(),
    input_n_bytes=st.integers(0),
    n_records=st.integers(0),
    ledger=st.lists(FATES, max_size=4).map(tuple),
    events=st.none() | FILES,
    quarantine=st.none() | FILES,
    cursor=st.none() | st.text(),
    complete_until=st.none() | INSTANTS,
    landing_hash=st.text(),
)


@given(st.lists(ENTRIES, max_size=4))
def test_what_is_committed_is_read_back(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> None:
    landing = tmp_path_factory.mktemp("landing")
    commit(landing, entries)
    assert read(landing) == tuple(entries)
    assert [path.name for path in landing.iterdir()] == ["manifest.jsonl"]
    assert stat.S_IMODE((landing / "manifest.jsonl").stat().st_mode) == 0o600


def test_nothing_has_landed_where_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", '{"entries": [{}]}', '{"entries": 7}', '{"entries": [{"load_seq": "x"}]}', "\udc80"],
)
def test_a_damaged_one_is_refused_with_the_way_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.jsonl").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(
        ConnectorError, match=r"manifest.jsonl is damaged; restore it from a backup, or delete landing/ and land again"
    ):
        read(tmp_path)


def test_accepted_records_are_counted(tmp_path: Path) -> None:
    entry = Entry(
        load_seq=1,
        source="web",
        input="a.csv",
        input_sha256="0",
        input_n_bytes=1,
        n_records=9,
        events=None,
        quarantine=None,
        cursor=None,
        complete_until=None,
        landing_hash="0",
        ledger=(
            LedgerRow(status="accepted", reason=None, n_records=4),
            LedgerRow(status="duplicate", reason="repeated", n_records=5),
        ),
    )
    assert entry.n_accepted == 4
