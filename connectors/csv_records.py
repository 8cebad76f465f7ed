"""CSV line by line: a broken quote costs its own line, a record that does not fit its header itself, and nothing else."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, count

import pyarrow as pa

from connectors.delivery import MAX_RECORD_BYTES, RECORD_SCHEMA, escaped, shortened

csv.field_size_limit(MAX_RECORD_BYTES)

BOM = "\ufeff"

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between two values."""

MAX_LINES_PER_RECORD = 10_000

NOT_UTF8 = re.compile("[\ud800-\udfff]")
"""What a byte that is no UTF-8 becomes when it is decoded with surrogateescape."""

CsvRecord = tuple[int, str, list[str] | None]
"""The first physical line of a record, its text as read, and its fields; None when the quoting is broken."""


def csv_batch(schema: pa.Schema, records: list[CsvRecord]) -> pa.RecordBatch:
    """Make a batch of CSV records: the columns of `schema`, blanks as NULL, and a fault where they do not fit it."""
    n = len(schema) - len(RECORD_SCHEMA)
    faults = [_csv_fault(raw, fields, n) for _, raw, fields in records]
    whole = [
        fields if fields and not fault else [""] * n for fault, (_, _, fields) in zip(faults, records, strict=True)
    ]
    columns = [[value or None for value in column] for column in zip(*whole, strict=True)]
    raws = [readable(raw) for _, raw, _ in records]
    return pa.record_batch([[line_no for line_no, _, _ in records], raws, faults, *columns], schema=schema)


def _csv_fault(raw: str, fields: list[str] | None, n_columns: int) -> str | None:
    if _is_too_long(raw):
        return "line_too_long"
    if NOT_UTF8.search(raw):
        return "not_utf8"
    if fields is None:
        return "broken_quote"
    return "wrong_number_of_columns" if len(fields) != n_columns else None


def _is_too_long(raw: str) -> bool:
    return len(raw) * 4 > MAX_RECORD_BYTES and len(_bytes(raw)) > MAX_RECORD_BYTES


def readable(text: str) -> str:
    """Cut what is too long, and show the bytes that were not UTF-8 as escapes."""
    if _is_too_long(text):
        return shortened(_bytes(text))
    return escaped(_bytes(text)) if NOT_UTF8.search(text) else text


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def column_names(header: list[str]) -> list[str]:
    """Make the names of a header distinct, in any case, and free of stray blanks; a name met again, or ours, gets a number.

    >>> column_names(["id", " when ", "ID", "raw"])
    ['id', 'when', 'ID_2', 'raw_2']
    """
    names: list[str] = []
    taken = set(RECORD_SCHEMA.names)
    for name in header:
        clean = name.strip() or "column"
        distinct = next(
            each for each in chain([clean], (f"{clean}_{n}" for n in count(2))) if each.lower() not in taken
        )
        taken.add(distinct.lower())
        names.append(distinct)
    return names


def likely_delimiter(header: Iterable[str]) -> str | None:
    """Tell the delimiter that a header of these names should have been cut at, if it would have given more of them.

    >>> likely_delimiter(["Zeitpunkt;Kunde;Betrag", " netto"])
    ';'
    >>> likely_delimiter(["time", "user"])
    """
    names = list(header)
    n_found, delimiter = max((sum(name.count(each) for name in names), each) for each in DELIMITERS)
    return delimiter if n_found >= len(names) else None


def csv_records(lines: Iterable[str], delimiter: str = ",") -> Iterator[CsvRecord]:
    """Split lines into CSV records; a broken quote costs its own line, and reading goes on with the next.

    >>> list(csv_records(['id,note\\n', '1,"two\\n', 'lines"\\n', '2,"never closed\\n', '3,fine\\n']))[1:]
    [(2, '1,"two\\nlines"', ['1', 'two\\nlines']), (4, '2,"never closed', None), (5, '3,fine', ['3', 'fine'])]
    """
    numbered = enumerate(lines, 1)
    pending: deque[tuple[int, str]] = deque()
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        n_characters = 0
        while (line := pending.popleft() if pending else next(numbered, None)) is not None:
            taken.append(line)
            n_characters = len(line[1]) + (n_characters if len(taken) > 1 else 0)
            if len(taken) > 1 and (len(taken) > MAX_LINES_PER_RECORD or n_characters > MAX_RECORD_BYTES):
                raise csv.Error
            yield line[1]

    while True:
        try:
            for fields in csv.reader(feed(), delimiter=delimiter, strict=True):
                if fields:
                    yield taken[0][0], "".join(text for _, text in taken).rstrip("\r\n"), fields
                taken.clear()
            return
        except csv.Error:
            (line_no, text), rest = taken[0], taken[1:]
            taken.clear()
            pending.extendleft(reversed(rest))
            yield line_no, text.rstrip("\r\n"), None
