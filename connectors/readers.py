"""Read files record by record, so that a bad one costs itself and nothing else: CSV, JSON lines, Parquet; gzipped or not."""

import csv
import gzip
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

import duckdb
import pyarrow as pa

from connectors.delivery import MAX_RECORD_BYTES, RECORD_SCHEMA, escaped, json_objects, shortened, text_records
from connectors.engine import run
from connectors.errors import SourceChanged
from connectors.inputs import MAX_FILE_BYTES
from connectors.json_blocks import json_line_batches
from connectors.lines import lines

Format = Literal["csv", "jsonl", "parquet"]
SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
BATCH = 50_000
BATCH_BYTES = 32_000_000
"""A batch ends with the record that fills either."""

MAX_COLUMNS = 2_000
MAX_ARRAY_BYTES = 64_000_000
MAX_RATIO = 100
FREE_BYTES = 10_000_000
BUFFER_BYTES = 1_000_000
"""A file may unpack to so many bytes whatever its size, and beyond that to MAX_RATIO times what was read of it."""

BOM = "\ufeff"
MAX_LINES_PER_RECORD = 10_000
NOT_UTF8 = re.compile("[\ud800-\udfff]")
"""What a byte that is no UTF-8 becomes when it is decoded with surrogateescape."""

csv.field_size_limit(MAX_RECORD_BYTES)

Record = TypeVar("Record")
CsvRecord = tuple[int, str, list[str] | None]
"""The first physical line of a record, its text as read, and its fields; None when the quoting is broken."""


def format_of(path: Path) -> Format:
    """Tell a file's format by its ending, whatever `.gz` follows it.

    >>> format_of(Path("orders.csv.gz")), format_of(Path("day.parquet"))
    ('csv', 'parquet')
    """
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise SourceChanged(f"the name does not tell the format; known endings: {', '.join(SUFFIXES)}, each also with .gz.")


def load_file(con: duckdb.DuckDBPyConnection, path: Path, max_bytes: int = MAX_FILE_BYTES) -> duckdb.DuckDBPyRelation:
    """Load a file's records: line_no, raw, fault; with it one text column per column of a CSV, the typed ones of a Parquet.

    The records of a text file are copied into a temporary table; those of a Parquet file are read where they are.
    A file that unpacks to more than `max_bytes`, or to far more than its size, is refused before it is read whole.
    """
    format = format_of(path)
    if format == "parquet":
        return _parquet(con, path, max_bytes)
    try:
        with _opened(path, max_bytes) as stream:
            stream.read(FREE_BYTES + 1)  # a bomb is known by its beginning, before any of it is parsed
        with _opened(path, max_bytes) as stream:
            schema, batches = _csv_batches(stream) if format == "csv" else (RECORD_SCHEMA, _json_batches(stream))
            with _reader(schema, batches) as reader:
                records = con.from_arrow(reader)
                (records if format == "csv" else json_objects(records)).create("text_records")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceChanged("the file is cut short or is not gzip; fetch it again and land again.") from error
    return con.table("text_records")


@contextmanager
def _reader(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatchReader]:
    """Let the engine take batches as it needs them, on all cores; what stops them is raised as it is, not as the engine tells it."""
    stopped_by: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            stopped_by.append(error)
            raise

    try:
        yield pa.RecordBatchReader.from_batches(schema, watched())
    except duckdb.Error as error:
        raise (stopped_by or [error])[0] from None


@contextmanager
def _opened(path: Path, max_bytes: int) -> Iterator[BinaryIO]:
    with path.open("rb") as packed:
        unpacked = gzip.GzipFile(fileobj=packed) if path.suffix == ".gz" else packed
        yield io.BufferedReader(_Guarded(unpacked, packed, max_bytes), BUFFER_BYTES)


class _Guarded(io.RawIOBase):
    """A stream that stops where it has become too long, or far longer than what was read of the file."""

    def __init__(self, unpacked: io.BufferedIOBase, packed: BinaryIO, max_bytes: int) -> None:
        self.unpacked, self.packed, self.max_bytes, self.n_bytes = unpacked, packed, max_bytes, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n = self.unpacked.readinto(buffer)
        self.n_bytes += n
        _refuse_size(self.n_bytes, self.packed.tell(), self.max_bytes)
        return n


def _refuse_size(n_unpacked: int, n_packed: int, max_bytes: int) -> None:
    if n_unpacked > max_bytes:
        raise SourceChanged(
            f"the file holds more than {max_bytes:,} bytes; split it, or raise `max_bytes` of this source."
        )
    if n_unpacked > max(FREE_BYTES, MAX_RATIO * n_packed):
        raise SourceChanged(
            f"the file unpacks to more than {MAX_RATIO} times its size, as an archive bomb does; "
            "if it is sound, unpack it and land that."
        )


def _batched(records: Iterable[Record], size: Callable[[Record], int]) -> Iterator[list[Record]]:
    """Cut records into batches that are bounded in number and in bytes."""
    batch: list[Record] = []
    n_bytes = 0
    for record in records:
        batch.append(record)
        n_bytes += size(record)
        if len(batch) >= BATCH or n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


UNPACKED = "SELECT greatest(sum(total_uncompressed_size), sum(num_values), 0) FROM parquet_metadata($file)"


def _refuse_width(n_columns: int) -> None:
    if n_columns > MAX_COLUMNS:
        raise SourceChanged(
            f"the file has {n_columns:,} columns, and more than {MAX_COLUMNS:,} are no table of events."
        )


def _parquet(con: duckdb.DuckDBPyConnection, path: Path, max_bytes: int) -> duckdb.DuckDBPyRelation:
    rows = con.read_parquet(str(path), file_row_number=True)
    given = [name for name in rows.columns if name != "file_row_number"]
    _refuse_width(len(given))
    # A value that is repeated takes next to nothing, however many rows it makes: each counts as a byte at least.
    [(n_unpacked,)] = run(con, UNPACKED, {"file": str(path)})
    _refuse_size(n_unpacked, path.stat().st_size, max_bytes)
    columns = [duckdb.ColumnExpression(name).alias(ours) for name, ours in zip(given, column_names(given), strict=True)]
    # Where a record stands in its file is no part of it: the same record elsewhere is a duplicate.
    pairs = [
        part
        for name, ours in zip(given, column_names(given), strict=True)
        for part in (duckdb.ConstantExpression(ours), duckdb.ColumnExpression(name))
    ]
    return rows.select(
        (duckdb.ColumnExpression("file_row_number") + duckdb.ConstantExpression(1)).alias("line_no"),
        duckdb.FunctionExpression("json_object", *pairs).cast(duckdb.sqltype("VARCHAR")).alias("raw"),
        duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR")).alias("fault"),
        *columns,
    )


def _json_batches(stream: BinaryIO) -> Iterator[pa.RecordBatch]:
    """Yield batches of JSON lines, or of the elements when the file is one JSON array."""
    first = next(lines(stream), b"").removeprefix(BOM.encode())
    if not first.lstrip().startswith(b"["):
        yield from json_line_batches(stream, first)
        return
    elements = enumerate(_elements(first + stream.read(MAX_ARRAY_BYTES)), 1)
    for batch in _batched(elements, lambda record: len(record[1])):
        yield from text_records(batch).to_batches()


def _elements(content: bytes) -> Iterator[bytes]:
    """Yield the elements of a JSON array, each as a JSON text."""
    if len(content) >= MAX_ARRAY_BYTES:
        raise SourceChanged(
            f"the file is one JSON array of more than {MAX_ARRAY_BYTES:,} bytes; write one JSON object per line instead."
        )
    try:
        return (json.dumps(element).encode() for element in json.loads(content))
    except (ValueError, RecursionError) as error:
        raise SourceChanged(
            "the file begins like a JSON array and is none; write one JSON object per line instead."
        ) from error


def _csv_batches(stream: BinaryIO) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Read the header line; return the schema it makes, and batches of the records below it."""
    each = lines(stream)
    text = chain([next(each, b"").removeprefix(BOM.encode())], each)
    records = csv_records(line.decode(errors="surrogateescape") for line in text)
    _, _, header = next(records, (1, "", []))
    if header is None:
        raise SourceChanged(
            "the header line has a broken quote, or the lines do not end in LF or CRLF; mend it and land again."
        )
    _refuse_width(len(header))
    names = column_names([_readable(name) for name in header])
    schema = pa.schema([*RECORD_SCHEMA, *((name, pa.string()) for name in names)])
    return schema, (csv_batch(schema, rows) for rows in _batched(records, lambda record: len(record[1])))


def csv_batch(schema: pa.Schema, records: list[CsvRecord]) -> pa.RecordBatch:
    """Make a batch of CSV records: the columns of `schema`, blanks as NULL, and a fault where they do not fit it."""
    n = len(schema) - len(RECORD_SCHEMA)
    faults = [_csv_fault(raw, fields, n) for _, raw, fields in records]
    whole = [
        fields if fields and not fault else [""] * n for fault, (_, _, fields) in zip(faults, records, strict=True)
    ]
    columns = [[value or None for value in column] for column in zip(*whole, strict=True)]
    raws = [_readable(raw) for _, raw, _ in records]
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


def _readable(text: str) -> str:
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


def csv_records(lines: Iterable[str]) -> Iterator[CsvRecord]:
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
            for fields in csv.reader(feed(), strict=True):
                if fields:
                    yield taken[0][0], "".join(text for _, text in taken).rstrip("\r\n"), fields
                taken.clear()
            return
        except csv.Error:
            (line_no, text), rest = taken[0], taken[1:]
            taken.clear()
            pending.extendleft(reversed(rest))
            yield line_no, text.rstrip("\r\n"), None
