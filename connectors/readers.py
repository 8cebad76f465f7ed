"""Read files record by record, so that a bad one costs itself and nothing else: CSV, JSON lines, Parquet; gzipped or not."""

import csv
import gzip
import json
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, count, islice
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
import pyarrow as pa

from connectors.delivery import RECORD_SCHEMA, json_objects, text_records
from connectors.errors import SourceChanged
from connectors.json_blocks import json_line_batches

Format = Literal["csv", "jsonl", "parquet"]
SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
BATCH = 50_000
BOM = "\ufeff"
MAX_LINES_PER_RECORD = 10_000
NOT_UTF8 = re.compile("[\ud800-\udfff]")
"""What a byte that is no UTF-8 becomes when it is decoded with surrogateescape."""

csv.field_size_limit(16_000_000)

Stream = BinaryIO | gzip.GzipFile
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


def load_file(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """Load a file's records: line_no, raw, fault; with it one text column per column of a CSV, the typed ones of a Parquet.

    The records of a text file are copied into a temporary table; those of a Parquet file are read where they are.
    """
    format = format_of(path)
    if format == "parquet":
        return _parquet(con, path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            schema, batches = _csv_batches(stream) if format == "csv" else (RECORD_SCHEMA, _json_batches(stream))
            con.from_arrow(schema.empty_table()).create("text_records")
            for batch in batches:
                records = con.from_arrow(pa.Table.from_batches([batch]))
                (records if format == "csv" else json_objects(records)).insert_into("text_records")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceChanged("the file is cut short or is not gzip; fetch it again and land again.") from error
    return con.table("text_records")


def _parquet(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    rows = con.read_parquet(str(path), file_row_number=True)
    given = [name for name in rows.columns if name != "file_row_number"]
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


def _json_batches(stream: Stream) -> Iterator[pa.RecordBatch]:
    """Yield batches of JSON lines, or of the elements when the file is one JSON array."""
    first = stream.readline().removeprefix(BOM.encode())
    if first.lstrip().startswith(b"["):
        return iter(text_records(enumerate(_elements(first + stream.read()), 1)).to_batches())
    return json_line_batches(stream, first)


def _elements(content: bytes) -> list[bytes]:
    try:
        return [json.dumps(element).encode() for element in json.loads(content)]
    except (ValueError, RecursionError) as error:
        raise SourceChanged(
            "the file begins like a JSON array and is none; write one JSON object per line instead."
        ) from error


def _csv_batches(stream: Stream) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Read the header line; return the schema it makes, and batches of the records below it."""
    text = chain([stream.readline().removeprefix(BOM.encode())], stream)
    records = csv_records(line.decode(errors="surrogateescape") for line in text)
    _, _, header = next(records, (1, "", []))
    if header is None:
        raise SourceChanged(
            "the header line has a broken quote, or the lines do not end in LF or CRLF; mend it and land again."
        )
    names = column_names([_readable(name) for name in header])
    schema = pa.schema([*RECORD_SCHEMA, *((name, pa.string()) for name in names)])
    return schema, (csv_batch(schema, rows) for rows in iter(lambda: list(islice(records, BATCH)), []))


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
    if NOT_UTF8.search(raw):
        return "not_utf8"
    if fields is None:
        return "broken_quote"
    return "wrong_number_of_columns" if len(fields) != n_columns else None


def _readable(text: str) -> str:
    """Show the bytes that were not UTF-8 as escapes."""
    return text.encode(errors="surrogateescape").decode(errors="backslashreplace") if NOT_UTF8.search(text) else text


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
        while (line := pending.popleft() if pending else next(numbered, None)) is not None:
            taken.append(line)
            if len(taken) > MAX_LINES_PER_RECORD:
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
