"""The manifest is the one list of what has landed: whole or not there, and read back as it was written."""

import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError
from connectors.manifest import Entry, LandedFile, LedgerRow, add, commit, read

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
    withdrawn=st.none() | FILES,
    replays=st.none() | st.integers(1),
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


@given(entries=st.lists(ENTRIES, min_size=2, max_size=4), data=st.data())
def test_a_line_without_its_end_never_was_and_is_cut_off_by_the_next(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], data: st.DataObject
) -> None:
    landing = tmp_path_factory.mktemp("landing")
    *before, last = entries
    for entry in before:
        add(landing, entry)
    whole = (landing / "manifest.jsonl").read_bytes()
    add(landing, last)
    line = (landing / "manifest.jsonl").read_bytes()[len(whole) :]
    torn = line[: data.draw(st.integers(0, len(line) - 1))]
    (landing / "manifest.jsonl").write_bytes(whole + torn)
    assert read(landing) == tuple(before)
    add(landing, last)
    assert read(landing) == tuple(entries)


def test_ten_thousand_entries_are_read_in_two_seconds(tmp_path: Path) -> None:
    file = LandedFile(path="web/000001.parquet", sha256="0" * 64, n_bytes=1, n_rows=1)
    fates = tuple(LedgerRow(status="duplicate", reason=str(number), n_records=9) for number in range(4))
    entry = an_entry(events=file, quarantine=file, ledger=fates)
    commit(tmp_path, [entry] * 10_000)
    began = time.process_time()
    assert len(read(tmp_path)) == 10_000
    assert time.process_time() - began < 2


def test_one_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text('{"format": 3}\n')
    with pytest.raises(ConnectorError, match="has format 3 and this version reads 2; use the version that wrote it"):
        read(tmp_path)


def test_one_of_an_earlier_version_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ConnectorError, match=r"manifest\.json is of an earlier version; delete .* and land again"):
        read(tmp_path)


def test_nothing_has_landed_where_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]\n",
        "{}\n",
        "null\n",
        '{"format": 2}\n{}\n',
        '{"format": 2}\n7\n',
        '{"format": 2}\n{"load_seq": "x"}\n',
        "\udc80\n",
    ],
)
def test_a_damaged_one_is_refused_with_the_way_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.jsonl").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(
        ConnectorError, match=r"manifest.jsonl is damaged; restore it from a backup, or delete landing/ and land again"
    ):
        read(tmp_path)


def an_entry(**fields: Any) -> Entry:
    given = {
        "load_seq": 1, "source": "web", "input": "a.csv", "input_sha256": "0", "input_n_bytes": 1, "n_records": 9,
        "events": None, "quarantine": None, "cursor": None, "complete_until": None, "landing_hash": "0", "ledger": (),
    }  # fmt: skip
    return Entry.model_validate(given | fields)


def test_accepted_records_are_counted() -> None:
    accepted = LedgerRow(status="accepted", reason=None, n_records=4)
    repeated = LedgerRow(status="duplicate", reason="repeated", n_records=5)
    assert an_entry(ledger=(accepted, repeated)).n_accepted == 4
