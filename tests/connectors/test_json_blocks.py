"""JSON lines are read by the block where nothing is odd; what comes of them is what reading line by line gives."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import json_blocks
from connectors.engine import connect
from connectors.readers import load_file
from tests.connectors.lands import Shop
from tests.examples import examples

KEYS: dict[str, Any] = {"event_name": "what", "fields": {"event_id": "id", "occurred_at": "seen", "user_id": "who"}}
SOUND = st.builds(
    lambda id, what, seen, who: json.dumps({"id": id, "what": what, "seen": seen, "who": who}).encode(),
    st.sampled_from(["1", "2", "3", None]),
    st.sampled_from(["view", "buy", None]),
    st.sampled_from(["2024-05-01", "2024-05-02T10:00:00.5Z", "soon", "", None]),
    st.sampled_from(["ann", "[bob]", "a\nb", "é", 7, {"x": [1]}]),
)
BROKEN = st.sampled_from([b'{"id": "1"', b"[1, 2]", b"7", b"view,2024-05-01", b'{"id": "1"}{"id": "2"}', b'{"a" 1}'])
NO_UTF8 = st.sampled_from([b'{"who": "Andr\xe9"}', b"\xff", b'{"who": "\\ \xed\xa0\x80"}'])
LONG = st.integers(150, 400).map(lambda n: json.dumps({"what": "view", "seen": "2024-05-01", "who": "a" * n}).encode())
DEEP = st.integers(62, 66).map(lambda n: b'{"who": ' + b"[" * n + b"]" * n + b"}")
BLANK = st.sampled_from([b"", b" ", b"\t", b"\r"])
PADDED = st.builds(lambda before, line, after: before + line + after, BLANK, SOUND, BLANK)
LINES = st.lists(st.one_of(SOUND, SOUND, PADDED, BLANK, BROKEN, NO_UTF8, LONG, DEEP), max_size=40)


def by_definition(lines: list[bytes]) -> list[tuple[int, str, str | None]]:
    """A record is a line that is not blank, without the white space around it; what is wrong with it, if anything."""
    records: list[tuple[int, str, str | None]] = []
    for line_no, line in enumerate(lines, 1):
        if not (record := line.strip()):
            continue
        try:
            text = record.decode()
        except UnicodeDecodeError:
            text = record.replace(b"\\", b"\\\\").decode(errors="backslashreplace")
            records.append((line_no, text, "not_utf8"))
            continue
        is_deep = record.startswith(b'{"who": ' + b"[" * 64)
        records.append((line_no, text, "too_deep" if is_deep else None if is_object(text) else "bad_json"))
    return records


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few lines, so that odd ones and sound ones take turns, and lines end up on their borders."""
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 200)
    monkeypatch.setattr(json_blocks, "PLAIN_BYTES", 300)


@pytest.mark.usefixtures("small_blocks")
@examples(50)
@given(lines=LINES, ends=st.booleans())
def test_every_line_is_a_record_for_what_it_is(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ends: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    lines = [b'{"first": 1}', *lines]
    path.write_bytes(b"\n".join(lines) + (b"\n" if ends else b""))
    con = connect(allowed=[path])
    assert load_file(con, path).fetchall() == by_definition(lines)
    con.close()


@pytest.mark.usefixtures("small_blocks")
@examples(5)
@given(first=LINES, second=LINES)
def test_ledger_events_and_quarantine_are_those_of_reading_line_by_line_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, first: list[bytes], second: list[bytes]
) -> None:
    def landed(root: Path) -> list[tuple[Any, ...]]:
        shop = Shop(root, KEYS)
        for name, lines in (("monday.jsonl", first), ("tuesday.jsonl", [*second, *first[:5]])):
            shop.send(name, b"\n".join([b'{"first": 1}', *lines]))
        return [(entry.ledger, *entry.files) for entry in shop.entries()]

    by_block = landed(tmp_path_factory.mktemp("by_block"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_blocks, "_quick", lambda *_: None)
        line_by_line = landed(tmp_path_factory.mktemp("line_by_line"))
    assert by_block == line_by_line  # a file is listed with its sha256
