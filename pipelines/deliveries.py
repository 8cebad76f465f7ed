"""What has landed, as a build reads it: the events of some deliveries, a row per delivery, and the ledger."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.engine import connect, run
from connectors.manifest import Entry, Expiry
from connectors.schema import EVENT_SCHEMA
from pipelines.definition import Definition
from pipelines.errors import CheckFailed, JourneysError
from pipelines.warehouse import create, look_in

DELIVERIES = pa.schema(
    [
        ("load_seq", pa.int64()),
        ("source", pa.string()),
        ("input", pa.string()),
        ("sha256", pa.string()),
        ("n_events", pa.int64()),
        ("latest_at", pa.timestamp("us")),
    ]
)
LEDGER = pa.schema(
    [
        ("load_seq", pa.int64()),
        ("source", pa.string()),
        ("input", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("n_records", pa.int64()),
    ]
)
LANDED = pa.schema(
    [
        ("event_no", pa.int64()),
        *(field for field in EVENT_SCHEMA if field.name != "properties"),
        ("rule_properties", pa.string()),
    ]
)
WITHDRAWN = pa.schema(
    [
        ("source", pa.string()),
        ("record_id", pa.string()),
        ("updated_at", pa.timestamp("us")),
        ("load_seq", pa.int64()),
        ("line_no", pa.int64()),
    ]
)
NUMBERS = 2**32
"""The number of an event is that of its delivery times this, and its place in the file."""
FROZEN_KPIS = pa.schema(
    [
        ("kpi", pa.string()),
        ("day", pa.date32()),
        ("persona", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("n_units", pa.int64()),
        ("n_people", pa.int64()),
    ]
)
Delivery = tuple[int, str | None]
"""A delivery by its number and the hash of what it gave and took back: what is of the same name and hash is the same."""


def delivery(entry: Entry) -> Delivery:
    """Name a delivery and its content: what it gave, and what it took back."""
    hashes = [file.sha256 for file in (entry.events, entry.withdrawn) if file]
    if len(hashes) < 2:
        return entry.load_seq, next(iter(hashes), None)
    return entry.load_seq, hashlib.sha256("".join(hashes).encode()).hexdigest()


def must_be_whole(landing: Path, entries: Iterable[Entry]) -> None:
    """Refuse to build from deliveries of which a file is gone, or some record is not accounted for.

    Raises JourneysError or CheckFailed, which say how to land the source again.
    """
    for entry in entries:
        for file in entry.files:
            if not (landing / file.path).is_file():
                raise JourneysError(
                    f"{landing / file.path} is in the manifest and gone; restore it from a backup, or run "
                    f"`journeys land --again {entry.source}`."
                )
        if entry.n_told != entry.n_records:
            raise CheckFailed(
                f"The ledger of {entry.source}: {entry.input} (delivery {entry.load_seq}) does not balance: "
                f"{entry.n_records:,} records came and it tells of {entry.n_told:,}; run `journeys land --again "
                f"{entry.source}`. What was published before is untouched."
            )


def view_landed(
    con: duckdb.DuckDBPyConnection, landing: Path, entries: Iterable[Entry], definition: Definition
) -> None:
    """Make landed_events and withdrawn_records, what some deliveries brought and took back."""
    entries = tuple(entries)
    withdrawn = [str(landing / entry.withdrawn.path) for entry in entries if entry.withdrawn]
    create(con, "scratch.main.withdrawn_records", WITHDRAWN.empty_table())
    if withdrawn:
        con.read_parquet(withdrawn).select(*map(duckdb.ColumnExpression, WITHDRAWN.names)).insert_into(
            "scratch.main.withdrawn_records"
        )
    view_events(con, landing, entries, definition, "main")


def view_events(
    con: duckdb.DuckDBPyConnection, landing: Path, entries: Iterable[Entry], definition: Definition, schema: str
) -> None:
    """Make landed_events in a schema of scratch: what some deliveries brought.

    Every event has its number, and the properties that rules name.
    """
    rule_properties = sorted({key for touchpoint in definition.touchpoints.values() for key in touchpoint.properties})
    files = [str(landing / entry.events.path) for entry in entries if entry.events]
    if not files:
        create(con, f"scratch.{schema}.landed_events", LANDED.empty_table())
        return
    # By name: files that landed before a column was thought of lack it.
    landed = con.read_parquet(files, file_row_number=True, union_by_name=True)
    types = dict(zip(LANDED.names, duckdb.from_arrow(LANDED.empty_table(), connection=con).types, strict=True))
    columns = [
        (
            duckdb.ColumnExpression(name)
            if name in landed.columns
            else duckdb.ConstantExpression(None).cast(types[name])
        ).alias(name)
        for name in EVENT_SCHEMA.names
        if name != "properties"
    ]
    number = duckdb.ColumnExpression("load_seq") * duckdb.ConstantExpression(NUMBERS) + duckdb.ColumnExpression(
        "file_row_number"
    )
    events = landed.select(number.alias("event_no"), *columns, _named(rule_properties).alias("rule_properties"))
    look_in(con, schema)
    events.create_view("landed_events")
    look_in(con)


def _named(properties: list[str]) -> duckdb.Expression:
    """The named properties of an event, and no others, as a JSON object."""
    if not properties:
        return duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR"))
    pairs = [
        part
        for name in properties
        for part in (
            duckdb.ConstantExpression(name),
            duckdb.FunctionExpression(
                "property_of", duckdb.ColumnExpression("properties"), duckdb.ConstantExpression(name)
            ),
        )
    ]
    return duckdb.FunctionExpression("json_object", *pairs).cast(duckdb.sqltype("VARCHAR"))


def table(landing: Path, entries: Iterable[Entry], previous: Path | None) -> pa.Table:
    """Make a row per delivery; `latest_at` is its latest event that is not passive, which an earlier build may know."""
    entries = tuple(entries)
    latest = _latest(landing, entries, previous)
    rows = [
        {
            "load_seq": entry.load_seq,
            "source": entry.source,
            "input": entry.input,
            "sha256": delivery(entry)[1],
            "n_events": entry.events.n_rows if entry.events else 0,
            "latest_at": latest.get(delivery(entry)),
        }
        for entry in entries
    ]
    return pa.Table.from_pylist(rows, schema=DELIVERIES)


def latest_by_source(landing: Path, entries: Iterable[Entry], previous: Path | None) -> dict[str, datetime]:
    """Tell the latest event of each source that is not passive (UTC)."""
    entries = tuple(entries)
    latest = _latest(landing, entries, previous)
    found: dict[str, datetime] = {}
    for entry in entries:
        if instant := latest.get(delivery(entry)):
            found[entry.source] = max(instant, found.get(entry.source, instant))
    return found


def _latest(landing: Path, entries: tuple[Entry, ...], previous: Path | None) -> dict[Delivery, datetime]:
    known = read_deliveries(previous) if previous else {}
    new = [entry for entry in entries if entry.events and delivery(entry) not in known]
    if not new:
        return known
    con = connect(allowed=[landing])
    try:
        events = con.read_parquet([str(landing / entry.events.path) for entry in new if entry.events])
        rows = events.filter("NOT is_passive").aggregate("load_seq, max(occurred_at)").fetchall()
    finally:
        con.close()
    found = dict(rows)
    return known | {delivery(entry): found[entry.load_seq] for entry in new if entry.load_seq in found}


def read_deliveries(build: Path) -> dict[Delivery, Any]:
    """Read which deliveries a build holds, each with its latest event; none from a file of before this table was."""
    con = connect(build, allowed=[build.parent], read_only=True)
    try:
        rows: list[Any] = run(con, "SELECT load_seq, sha256, latest_at FROM deliveries")
    except duckdb.CatalogException:
        return {}
    finally:
        con.close()
    return {(load_seq, sha256): latest_at for load_seq, sha256, latest_at in rows}


def ledger(entries: Iterable[Entry]) -> pa.Table:
    """Make the ledger: what became of the records of every delivery."""
    rows: list[Mapping[str, Any]] = [
        {
            "load_seq": entry.load_seq,
            "source": entry.source,
            "input": entry.input,
            "status": row.status,
            "reason": row.reason,
            "n_records": row.n_records,
        }
        for entry in entries
        for row in entry.ledger
    ]
    return pa.Table.from_pylist(rows, schema=LEDGER)


def frozen_kpis(landing: Path, expiry: Expiry | None) -> pa.Table:
    """Read the KPIs of days whose events have expired, or soon will, as they were published."""
    if expiry is None:
        return FROZEN_KPIS.empty_table()
    path = landing / expiry.frozen_kpis.path
    try:
        return pq.read_table(path, columns=FROZEN_KPIS.names).cast(FROZEN_KPIS)
    except (OSError, pa.ArrowInvalid) as error:
        raise JourneysError(
            f"{path} is damaged or gone, and holds the KPIs of days that have expired; restore it from a backup."
        ) from error
