"""Read files record by record, so that a bad one costs itself and nothing else: CSV, JSON lines, Parquet; gzipped or not."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

import duckdb
import pyarrow as pa

from connectors.csv_records import BOM, column_names, csv_batch, csv_records, readable
from connectors.delivery import RECORD_SCHEMA, json_objects, text_records
from connectors.engine import run
from connectors.errors import SourceChanged
from connectors.inputs import MAX_FILE_BYTES
from connectors.json_blocks import json_line_batches
from connectors.lines import lines
from connectors.unpacking import FREE_BYTES, opened, refuse_size

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


Record = TypeVar("Record")


def format_of(path: Path) -> Format:
    """Tell a file's format by its ending, whatever `.gz` follows it.

    >>> format_of(Path("orders.csv.gz")), format_of(Path("day.parquet"))
    ('csv', 'parquet')
    """
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise SourceChanged(f"the name does not tell the format; known endings: {', '.join(SUFFIXES)}, each also with .gz.")


def load_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    max_bytes: int = MAX_FILE_BYTES,
    delimiter: str = ",",
    n_batches: int | None = None,
) -> duckdb.DuckDBPyRelation:
    """Load a file's records: line_no, raw, fault; with it one text column per column of a CSV, the typed ones of a Parquet.

    The records of a text file are copied into a temporary table; those of a Parquet file are read where they are.
    With `n_batches` a text file is read no further than that many batches of records, each of BATCH at most.
    A file that unpacks to more than `max_bytes`, or to far more than its size, is refused before it is read whole.
    """
    format = format_of(path)
    if format == "parquet":
        return _parquet(con, path, max_bytes)
    try:
        with opened(path, max_bytes) as stream:
            stream.read(FREE_BYTES + 1)  # a bomb is known by its beginning, before any of it is parsed
        with opened(path, max_bytes) as stream:
            schema, batches = (
                _csv_batches(stream, delimiter) if format == "csv" else (RECORD_SCHEMA, _json_batches(stream))
            )
            with _reader(schema, islice(batches, n_batches)) as reader:
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
    rows = con.read_parquet(str(path), file_row_number=True).set_alias("file")
    given = [name for name in rows.columns if name != "file_row_number"]
    _refuse_width(len(given))
    # A value that is repeated takes next to nothing, however many rows it makes: each counts as a byte at least.
    [(n_unpacked,)] = run(con, UNPACKED, {"file": str(path)})
    refuse_size(n_unpacked, path.stat().st_size, max_bytes)
    # By file and name: a name that stands alone DuckDB 1.5 cuts at its dots.
    columns = {
        ours: duckdb.ColumnExpression("file", name) for name, ours in zip(given, column_names(given), strict=True)
    }
    # Where a record stands in its file is no part of it: the same record elsewhere is a duplicate.
    pairs = [part for ours, column in columns.items() for part in (duckdb.ConstantExpression(ours), column)]
    return rows.select(
        (duckdb.ColumnExpression("file_row_number") + duckdb.ConstantExpression(1)).alias("line_no"),
        duckdb.FunctionExpression("json_object", *pairs).cast(duckdb.sqltype("VARCHAR")).alias("raw"),
        duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR")).alias("fault"),
        *(column.alias(ours) for ours, column in columns.items()),
    )


def _json_batches(stream: BufferedReader) -> Iterator[pa.RecordBatch]:
    """Yield batches of JSON lines, or of the elements when the file is one JSON array."""
    # Looked at, not read: an array may be one line, longer than a line may be.
    if not stream.peek(1).removeprefix(BOM.encode()).lstrip().startswith(b"["):
        yield from json_line_batches(stream, next(lines(stream), b"").removeprefix(BOM.encode()))
        return
    elements = enumerate(_elements(stream.read(MAX_ARRAY_BYTES).removeprefix(BOM.encode())), 1)
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


def _csv_batches(stream: BinaryIO, delimiter: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Read the header line; return the schema it makes, and batches of the records below it."""
    each = lines(stream)
    text = chain([next(each, b"").removeprefix(BOM.encode())], each)
    records = csv_records((line.decode(errors="surrogateescape") for line in text), delimiter)
    _, _, header = next(records, (1, "", []))
    if header is None:
        raise SourceChanged(
            "the header line has a broken quote, or the lines do not end in LF or CRLF; mend it and land again."
        )
    _refuse_width(len(header))
    names = column_names([readable(name) for name in header])
    schema = pa.schema([*RECORD_SCHEMA, *((name, pa.string()) for name in names)])
    return schema, (csv_batch(schema, rows) for rows in _batched(records, lambda record: len(record[1])))
