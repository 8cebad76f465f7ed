"""Read files record by record, so that a bad one costs itself and nothing else: CSV, JSON lines, Parquet; gzipped or not."""

import csv
import gzip
import json
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Literal

import duckdb
import pyarrow as pa

from connectors.delivery import json_objects, text_records
from connectors.engine import run
from connectors.errors import SourceChanged

Format = Literal["csv", "jsonl", "parquet"]
SUFFIXES: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".parquet": "parquet"}
BATCH = 50_000
MAX_LINES_PER_RECORD = 10_000

csv.field_size_limit(16_000_000)

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
    raise SourceChanged(f"{path.name}: cannot tell the format by the name; known endings: {', '.join(SUFFIXES)}, each also with .gz.")


def load_file(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    """Load a file's records: line_no, raw, fault; with it one text column per column of a CSV, the typed ones of a Parquet.

    The records of a text file are copied into a temporary table; those of a Parquet file are read where they are.
    """
    format = format_of(path)
    if format == "parquet":
        return _parquet(con, path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            batches = _csv_batches(stream, path) if format == "csv" else _json_batches(stream, path)
            first = next(batches)
            reader = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
            con.from_arrow(reader).create("text_records")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceChanged(f"{path.name} is cut short or is not gzip; fetch it again and land again.") from error
    return con.table("text_records") if format == "csv" else json_objects(con)


def _parquet(con: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    run(con, "CREATE OR REPLACE TEMP MACRO as_json(record) AS CAST(to_json(record) AS VARCHAR)")
    rows = con.read_parquet(str(path), file_row_number=True).set_alias("record")
    return rows.select(
        (duckdb.ColumnExpression("file_row_number") + duckdb.ConstantExpression(1)).alias("line_no"),
        duckdb.FunctionExpression("as_json", duckdb.ColumnExpression("record")).alias("raw"),
        duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR")).alias("fault"),
        duckdb.StarExpression(exclude=["file_row_number"]),
    )


def _json_batches(stream: IO[bytes], path: Path) -> Iterator[pa.RecordBatch]:
    """Yield batches of JSON lines, or of the elements when the file is one JSON array; at least one batch."""
    first = stream.readline()
    if first.lstrip().startswith(b"["):
        lines: Iterable[bytes] = _elements(first + stream.read(), path)
    else:
        lines = chain([first], stream)
    numbered = ((line_no, text) for line_no, line in enumerate(lines, 1) if (text := line.strip()))
    yield _one_batch(text_records(islice(numbered, BATCH)))
    while (table := text_records(islice(numbered, BATCH))).num_rows:
        yield _one_batch(table)


def _elements(content: bytes, path: Path) -> list[bytes]:
    try:
        return [json.dumps(element).encode() for element in json.loads(content)]
    except ValueError as error:
        raise SourceChanged(f"{path.name} begins like a JSON array and is none; write one JSON object per line instead.") from error


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def _csv_batches(stream: IO[bytes], path: Path) -> Iterator[pa.RecordBatch]:
    """Yield batches of CSV records below the header line; at least one batch."""
    records = csv_records(line.decode(errors="backslashreplace") for line in stream)
    _, _, header = next(records, (1, "", []))
    if header is None:
        raise SourceChanged(f"{path.name}: the header line has a broken quote; mend it and land again.")
    names = column_names(header)
    yield _csv_batch(names, list(islice(records, BATCH)))
    while rows := list(islice(records, BATCH)):
        yield _csv_batch(names, rows)


def _csv_batch(names: list[str], rows: list[CsvRecord]) -> pa.RecordBatch:
    n = len(names)
    blank: list[str] = [""] * n
    whole = [fields if fields is not None and len(fields) == n else blank for _, _, fields in rows]
    faults = ["broken_quote" if fields is None else "wrong_number_of_columns" if len(fields) != n else None for _, _, fields in rows]
    columns = zip(*whole, strict=True) if rows else ((),) * n
    data = {"line_no": pa.array([line_no for line_no, _, _ in rows], pa.int64()), "raw": pa.array([raw for _, raw, _ in rows], pa.string()),
            "fault": pa.array(faults, pa.string())}
    data |= {name: pa.array([value or None for value in column], pa.string()) for name, column in zip(names, columns, strict=True)}
    return pa.RecordBatch.from_pydict(data)


def column_names(header: list[str]) -> list[str]:
    """Make the names of a header distinct and free of stray blanks; a name met again gets a number.

    >>> column_names(["\\ufeffid", " when ", "id"])
    ['id', 'when', 'id_2']
    """
    names: list[str] = []
    for name in header:
        clean = name.strip().lstrip("\ufeff") or "column"
        same = sum(1 for other in names if other == clean or other.startswith(f"{clean}_"))
        names.append(f"{clean}_{same + 1}" if clean in names else clean)
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
