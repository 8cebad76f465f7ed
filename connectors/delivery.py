"""What a connector hands to landing: one Delivery per physical input, its records not yet interpreted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.manifest import Entry

Load = Callable[[duckdb.DuckDBPyConnection], duckdb.DuckDBPyRelation]
"""Makes the records of one delivery on a connection: line_no BIGINT (from 1), raw VARCHAR, fault VARCHAR, and more."""

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
    """Make a table of numbered texts; bytes that are not UTF-8 are kept, escaped, with the fault 'not_utf8'."""
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
    if isinstance(record, str):
        return record, None
    try:
        return record.decode(), None
    except UnicodeDecodeError:
        return record.decode(errors="backslashreplace"), "not_utf8"
