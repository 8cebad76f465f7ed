"""What a connector hands to landing: one Delivery per physical input, its records not yet interpreted."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.manifest import Entry

Load = Callable[[duckdb.DuckDBPyConnection], duckdb.DuckDBPyRelation]
"""Makes the records of one delivery on a connection: line_no BIGINT (from 1), raw VARCHAR, fault VARCHAR, and more."""

MAX_RECORD_BYTES = 16_000_000
MAX_DEPTH = 64
"""What a record may hold: a longer one, or JSON nested deeper, is no record of a customer but a mistake or an attack."""

KEPT_BYTES = 10_000
BRACKETS = {"{": 1, "[": 1, "}": -1, "]": -1}

JSON_FAULT = """
CASE WHEN fault IS NULL AND NOT (json_valid(raw) AND starts_with(ltrim(raw), '{')) THEN 'bad_json' ELSE fault END
"""

RECORD_SCHEMA = pa.schema([("line_no", pa.int64()), ("raw", pa.string()), ("fault", pa.string())])


@dataclass(frozen=True)
class Context:
    """What a connector may know of the workspace when it fetches.

    `days`, the first and the last of a range, asks for what happened or changed then, whatever landed before.
    """

    root: Path
    cursor: str | None
    landed: frozenset[tuple[str, str]]
    now: datetime
    progress: Callable[[str], None]
    days: tuple[date, date] | None = None


@dataclass(frozen=True)
class Delivery:
    """One physical input: a file, or what one walk through an API returned.

    `cursor` is stored in the manifest commit that lists the data, so the two cannot disagree. `complete_until` (UTC)
    is the source's promise that nothing older is missing; None lets the build derive it from the events.
    `is_overlap` marks records we asked for a second time on purpose: if all are known, nothing is committed. `path` is
    the file that `load` reads, if it reads one. `replays` is the manifest entry whose quarantine is read again.
    """

    name: str
    sha256: str
    n_bytes: int
    load: Load
    cursor: str | None = None
    complete_until: datetime | None = None
    is_overlap: bool = False
    path: Path | None = None
    replays: Entry | None = None


def json_lines(records: Iterable[bytes | str]) -> Load:
    """Load records given as JSON texts, one object each; anything else is kept raw with the fault 'bad_json'.

    >>> con = duckdb.connect()
    >>> json_lines(['{"id": 1}', '[2]', b'{"id"', b'\\xff'])(con).fetchall()
    [(1, '{"id": 1}', None), (2, '[2]', 'bad_json'), (3, '{"id"', 'bad_json'), (4, '\\\\xff', 'not_utf8')]
    >>> con.close()
    """
    table = text_records(enumerate(records, 1))

    def load(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        json_objects(con.from_arrow(table)).create("text_records")
        return con.table("text_records")

    return load


def text_records(numbered: Iterable[tuple[int, bytes | str]]) -> pa.Table:
    """Make a table of numbered texts, with the fault of those that cannot be read as JSON texts for what they are."""
    numbers, raws, faults = [], [], []
    for line_no, record in numbered:
        raw, fault = _text(record)
        numbers.append(line_no)
        raws.append(raw)
        faults.append(fault)
    return pa.table({"line_no": numbers, "raw": raws, "fault": faults}, schema=RECORD_SCHEMA)


def json_objects(records: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Mark the records that are not JSON objects."""
    return records.select(
        duckdb.ColumnExpression("line_no"),
        duckdb.ColumnExpression("raw"),
        duckdb.SQLExpression(JSON_FAULT).alias("fault"),
    )


def _text(record: bytes | str) -> tuple[str, str | None]:
    if len(record) > MAX_RECORD_BYTES:
        return shortened(record if isinstance(record, bytes) else record.encode()), "line_too_long"
    try:
        text = record if isinstance(record, str) else record.decode()
    except UnicodeDecodeError:
        return escaped(record if isinstance(record, bytes) else b""), "not_utf8"
    return text, "too_deep" if text.count("{") + text.count("[") > MAX_DEPTH and depth(text) > MAX_DEPTH else None


def depth(text: str) -> int:
    """Tell how many brackets of a JSON text stand open at once, at most; those within its strings do not count.

    >>> depth('{"a": [{"b": "[[["}], "c": []}')
    3
    """
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    return max(accumulate(BRACKETS[bracket.group()] for bracket in re.finditer(r"[\[{\]}]", outside)), default=0)


def shortened(record: bytes) -> str:
    """Keep the beginning of a record that is too long, and a hash that tells it from others of the same beginning.

    >>> shortened(b"x" * 20_000)[9_998:]
    'xx... (cut; md5 of 20000 bytes: e5d2c6fe7777b38038eb8315e1f5c734)'
    """
    beginning = record[:KEPT_BYTES].decode(errors="backslashreplace")
    digest = hashlib.md5(record, usedforsecurity=False).hexdigest()
    return f"{beginning}... (cut; md5 of {len(record)} bytes: {digest})"


def escaped(record: bytes) -> str:
    r"""Write bytes that are not UTF-8 as a text: the bytes that do not fit as \xNN, a backslash doubled.

    >>> print(escaped(b"Andr\xe9 \\"))
    Andr\xe9 \\
    """
    return record.replace(b"\\", b"\\\\").decode(errors="backslashreplace")


def unescaped(raw: str) -> bytes:
    r"""Give back the bytes of a raw text in the quarantine whose reason is not_utf8.

    >>> unescaped(escaped(b"Andr\xe9 \\")) == b"Andr\xe9 \\"
    True
    """
    return re.sub(
        rb"\\(?:\\|x([0-9a-f]{2}))",
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"\\",
        raw.encode(),
    )
