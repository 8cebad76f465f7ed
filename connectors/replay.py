"""Read the records of a quarantine back as they were first read, so that a mended mapping can have them after all."""

import io
import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors.csv_records import CsvRecord, csv_batch, csv_records
from connectors.delivery import RECORD_SCHEMA, Delivery, json_objects
from connectors.engine import run
from connectors.manifest import Entry
from connectors.readers import format_of

QUARANTINED = """
CREATE TEMP TABLE text_records AS
SELECT line_no, raw, CASE
        WHEN reason IN ('not_utf8', 'line_too_long', 'too_deep') OR ($is_shaped AND reason IN ('bad_json', 'wrong_shape')) THEN reason
    END AS fault
FROM read_parquet($file)
"""
"""What was not UTF-8 is kept escaped, what was too long is cut: read again they would pass for what they are not. So would JSON
of another shape than its connector declares: what is not in it would be missing in silence."""

JSON_AGAIN = """
SELECT line_no, raw, fault, UNNEST(record)
FROM (
    SELECT line_no, raw, fault, json_transform(CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END, $columns) AS record
    FROM text_records
)
"""


def replays(landing: Path, entries: list[Entry], delimiter: str = ",") -> Iterator[Delivery]:
    """Offer what is in quarantine, one delivery for each entry that has some; `delimiter` is that of its CSV files."""
    for entry in entries:
        if file := entry.quarantine:
            yield Delivery(
                name=f"replay of {original(entry)}",
                sha256=file.sha256,
                n_bytes=file.n_bytes,
                load=partial(_load, path=landing / file.path, name=original(entry), delimiter=delimiter),
                replays=entry,
            )


def original(entry: Entry) -> str:
    """The input that a record of this entry first came with."""
    return entry.input.removeprefix("replay of ")


def after_replay(entries: Iterable[Entry], moved: set[str]) -> list[Entry]:
    """Leave out the quarantines, named by the hash of their file, whose records have moved to a replay.

    What is left of their entries is the rest of the ledger; an earlier replay of which nothing is left goes.
    """
    left = []
    for entry in entries:
        if entry.quarantine and entry.quarantine.sha256 in moved:
            ledger = tuple(row for row in entry.ledger if row.status != "quarantined")
            if entry.replays and not ledger:
                continue
            n_records = sum(row.n_records for row in ledger)
            entry = entry.model_copy(update={"quarantine": None, "ledger": ledger, "n_records": n_records})
        left.append(entry)
    return left


def columns_of(records: duckdb.DuckDBPyRelation) -> str | None:
    """Say the columns and types that records were read with, as json_transform understands it; None when it is only text.

    >>> con = duckdb.connect()
    >>> columns_of(con.sql("SELECT 1::BIGINT AS line_no, '' AS raw, NULL AS fault, {'a': 1} AS part, ['x'] AS tags"))
    '{"part": {"a": "INTEGER"}, "tags": ["VARCHAR"]}'
    >>> con.close()
    """
    types = dict(zip(records.columns, records.types, strict=True))
    shape = {name: _shape(kind) for name, kind in types.items() if name not in RECORD_SCHEMA.names}
    return json.dumps(shape) if shape else None


def _shape(kind: Any) -> Any:
    match kind.id:
        case "list":
            return [_shape(dict(kind.children)["child"])]
        case "struct":
            return {name: _shape(child) for name, child in kind.children}
        case _:
            return str(kind)


def sample(
    con: duckdb.DuckDBPyConnection, landing: Path, entry: Entry, reason: str, n_records: int, delimiter: str = ","
) -> duckdb.DuckDBPyRelation:
    """Read some records of an entry's quarantine, those of one reason, as they were first read."""
    path = str(landing / entry.quarantine.path) if entry.quarantine else ""
    asked = {"file": path, "is_shaped": False, "reason": reason, "n": n_records}
    run(con, f"{QUARANTINED} WHERE reason = $reason LIMIT $n", asked)
    return _as_first_read(con, original(entry), _record_columns(con, Path(path)), delimiter)


def _load(con: duckdb.DuckDBPyConnection, path: Path, name: str, delimiter: str) -> duckdb.DuckDBPyRelation:
    columns = _record_columns(con, path)
    is_shaped = columns is not None and format_of(Path(name)) not in ("csv", "parquet")
    run(con, QUARANTINED, {"file": str(path), "is_shaped": is_shaped})
    return _as_first_read(con, name, columns, delimiter)


def _record_columns(con: duckdb.DuckDBPyConnection, path: Path) -> str | None:
    """Return the columns the records of a quarantine were read as, in JSON, or None where they are JSON objects."""
    found = run(con, "SELECT any_value(record_columns) FROM read_parquet($file)", {"file": str(path)})
    columns: str | None = found[0][0]
    return columns


def _as_first_read(
    con: duckdb.DuckDBPyConnection, name: str, columns: str | None, delimiter: str
) -> duckdb.DuckDBPyRelation:
    if columns is None:
        return json_objects(con.table("text_records"))
    if format_of(Path(name)) == "csv":
        return _csv_again(con, list(json.loads(columns)), delimiter)
    return con.sql(JSON_AGAIN, params={"columns": columns})


def _csv_again(con: duckdb.DuckDBPyConnection, names: list[str], delimiter: str) -> duckdb.DuckDBPyRelation:
    schema = pa.schema([*RECORD_SCHEMA, *((name, pa.string()) for name in names)])
    numbered = run(con, "SELECT line_no, raw FROM text_records ORDER BY line_no")
    batch = csv_batch(schema, [_csv_record(line_no, raw, delimiter) for line_no, raw in numbered])
    con.from_arrow(pa.Table.from_batches([batch])).create("csv_records")
    return con.sql(
        "SELECT csv_records.* REPLACE (coalesce(text_records.fault, csv_records.fault) AS fault) "
        "FROM csv_records JOIN text_records USING (line_no)"
    )


def _csv_record(line_no: int, raw: str, delimiter: str) -> CsvRecord:
    records = list(csv_records(io.StringIO(raw, newline="\n"), delimiter))
    return (line_no, raw, records[0][2] if len(records) == 1 else None)
