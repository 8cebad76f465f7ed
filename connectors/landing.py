"""Land deliveries: events as immutable Parquet, a quarantine for what cannot be read, one manifest entry for both."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from glob import has_magic
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import duckdb
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression
from pydantic import BaseModel

from connectors import known, manifest
from connectors.clear_values import reduce_clear_values
from connectors.delivery import Delivery
from connectors.durable import failpoint, put
from connectors.engine import connect, run
from connectors.erasure import keep_out, prefixes
from connectors.errors import ConnectorError, SourceChanged
from connectors.keys import key_id
from connectors.manifest import Entry, Expiry, LandedFile, LedgerRow
from connectors.replay import columns_of
from connectors.schema import PARSED_COLUMNS, SCHEMA_VERSION
from connectors.suggest import did_you_mean

LANDED_EVENTS = """
INSERT INTO landed
SELECT event_id, record_id, record_hash, updated_at, load_seq, line_no, false
FROM read_parquet($files)
"""
LANDED_WITHDRAWALS = """
INSERT INTO landed
SELECT NULL, record_id, record_hash, updated_at, load_seq, line_no, true
FROM read_parquet($files)
"""
LANDED_QUARANTINE = "INSERT INTO landed_quarantine SELECT load_seq, raw_hash FROM read_parquet($files)"

TO_PARQUET = "COPY (FROM query_table($view)) TO $file (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
"""Of the levels the lowest: files are as small as at the usual one, and take a fifth less time."""

NAMESPACED = ("user", "device", "order", "ticket")
"""Kinds of identifier that two sources share only if the definition says so."""
EARLIEST = datetime(2000, 1, 1)
"""Nothing we read is older: an earlier time is a broken clock. Later than a day from now is one too."""


WHERE_FROM = {
    "path",
    "url",
    "token",
    "email",
    "start",
    "page_size",
    "overlap_seconds",
    "requests_per_minute",
    "patience",
    "max_bytes",
}
"""Keys of a connector's Config that tell where records come from, and do not change what becomes of them."""


DECIDING = (
    "clear_values.py",
    "delivery.py",
    "fates.sql",
    "json_blocks.py",
    "keys.py",
    "landing.py",
    "landing.sql",
    "lines.py",
    "mapping.py",
    "readers.py",
    "schema.py",
)
"""The code, beside a connector's own, that decides what becomes of a record."""


@cache
def _code_of(connector: str) -> str:
    """Hash the code that makes events of a connector's records."""
    own = connector.rpartition(".")[2]
    found = [file for name in (f"{own}.py", f"{own}.sql", *DECIDING) if (file := files("connectors") / name).is_file()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in found)).hexdigest()


@dataclass(frozen=True)
class Source:
    """What landing must know of a source: its name, its connector, and the promises the definition makes for it.

    `keys` are all that are at hand, by their ids, to recognise people who were erased under an older one.
    """

    name: str
    connector: ModuleType
    config: BaseModel
    records: Literal["append", "snapshot"] = "append"
    exact_duplicates: Literal["keep", "drop"] = "keep"
    channel: str | None = None
    query: tuple[str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def prefixes(self) -> dict[str, str]:
        """What makes an identifier of a value of this source, by kind."""
        return prefixes(self.name, {kind: self.namespaces.get(kind, self.name) for kind in NAMESPACED})

    def landing_hash(self, key: bytes | None) -> str:
        """Name everything that decides how a record becomes events; when it changes, old landings are out of date."""
        parts = [
            SCHEMA_VERSION,
            self.connector.__name__,
            self.config.model_dump(mode="json", exclude=WHERE_FROM),
            self.records,
            self.exact_duplicates,
            self.channel,
            sorted(self.query),
            key_id(key) if key else None,
            _code_of(self.connector.__name__),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def land(
    deliveries: Iterable[Delivery],
    source: Source,
    landing: Path,
    earlier: Sequence[Entry],
    last_load_seq: int,
    *,
    key: bytes | None,
    now: datetime,
) -> Iterator[Entry]:
    """Write the files of each delivery and yield its manifest entry, for the caller to commit; none if it brings no news.

    `earlier` are the entries of this source that count, numbered up to `last_load_seq` or less. Raises ConnectorError,
    and leaves nothing that a reader could see, when an input as a whole cannot be read.
    """
    (landing / source.name).mkdir(parents=True, exist_ok=True, mode=0o700)
    if has_magic(str(landing)):
        raise _wildcard(landing)
    spill = landing / ".spill"
    shutil.rmtree(spill, ignore_errors=True)  # a killed run may have left some, in clear
    try:
        yield from _land_all(deliveries, source, landing, list(earlier), last_load_seq, key, now)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _land_all(
    deliveries: Iterable[Delivery],
    source: Source,
    landing: Path,
    entries: list[Entry],
    last_load_seq: int,
    key: bytes | None,
    now: datetime,
) -> Iterator[Entry]:
    n_earlier = len(entries)
    with known.memory(landing, _spill(landing, "known")) as remembered:
        for delivery in deliveries:
            known.take_in(remembered, landing, entries, source.records)
            entry = _land(delivery, source, landing, entries, last_load_seq + 1, remembered, key, now)
            if entry is not None:
                last_load_seq += 1
                yield entry
                entries.append(entry)
        if len(entries) > n_earlier:
            known.take_in(remembered, landing, entries, source.records)
            known.copy_out(remembered, landing, entries, source.records)


def _land(
    delivery: Delivery,
    source: Source,
    landing: Path,
    earlier: Sequence[Entry],
    load_seq: int,
    remembered: duckdb.DuckDBPyConnection,
    key: bytes | None,
    now: datetime,
) -> Entry | None:
    path = landing / source.name / f"{load_seq:06d}.parquet"
    if delivery.path and has_magic(str(delivery.path)):
        raise _wildcard(delivery.path)
    spill = _spill(landing, "delivery")
    con = connect(allowed=[landing, *filter(None, [delivery.path])], spill=spill)
    try:
        _judge(con, delivery, source, landing, load_seq, key, now)
        keep_out(con, landing, source.prefixes, source.keys)
        _look_up(con, delivery, landing, earlier, remembered)
        _execute(con, "fates.sql")
        ledger = _ledger(con, delivery)
        if not _is_news(con, delivery, ledger, earlier):
            return None
        failpoint("L2")
        return Entry(
            load_seq=load_seq,
            source=source.name,
            input=delivery.name,
            input_sha256=delivery.sha256,
            input_n_bytes=delivery.n_bytes,
            n_records=sum(row.n_records for row in ledger),
            ledger=ledger,
            events=_write(con, "accepted", path, landing),
            quarantine=_write(con, "quarantined", path.with_suffix(".quarantine.parquet"), landing),
            withdrawn=_write(con, "withdrawn", path.with_suffix(".withdrawn.parquet"), landing),
            cursor=delivery.cursor,
            complete_until=delivery.complete_until,
            landing_hash=source.landing_hash(key),
            replays=_first_load_seq(delivery.replays),
            key_id=key_id(key) if key else None,
        )
    except SourceChanged as error:
        raise SourceChanged(f"sources.{source.name}: {delivery.name}: {error}") from error
    except (duckdb.Error, OSError) as error:
        raise ConnectorError(
            f"sources.{source.name}: {delivery.name} cannot be landed ({_said(error)}); mend that and land again. "
            "What landed before is untouched."
        ) from error
    finally:
        con.close()


def _wildcard(path: Path) -> ConnectorError:
    return ConnectorError(
        f"{path} has one of * ? [ in its name, which the engine takes for a wildcard; rename it and land again."
    )


def _spill(landing: Path, name: str) -> Path:
    """Make a folder, for one connection, for what does not fit in memory."""
    (landing / ".spill").mkdir(exist_ok=True, mode=0o700)
    spill = landing / ".spill" / name
    spill.mkdir(exist_ok=True, mode=0o700)
    return spill


def _said(error: duckdb.Error | OSError) -> str:
    """Repeat the first line of an engine's error, without the data that it may quote."""
    line = (str(error).splitlines() or [""])[0]
    is_about_sql = isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.CatalogException)
    return (line if is_about_sql else re.sub(r"""(["']).*\1""", "...", line))[:200]


def _judge(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    source: Source,
    landing: Path,
    load_seq: int,
    key: bytes | None,
    now: datetime,
) -> None:
    """Read the records, map them to events, and judge them by themselves."""
    records = delivery.load(con)
    records.create_view("records")
    failpoint("L1")
    parsed = source.connector.events(con, source.config)
    _check_columns(parsed.columns)
    given = [name for name in PARSED_COLUMNS if name in parsed.columns]
    parsed.select(*[_column(name, ColumnExpression(name)) for name in given]).create("given")
    con.table("given").select(
        ColumnExpression("rowid").alias("row_no"),
        *[
            ColumnExpression(name) if name in given else _column(name, ConstantExpression(None))
            for name in PARSED_COLUMNS
        ],
    ).create_view("parsed")
    expiry = manifest.read_expiry(landing)
    con.from_arrow(_delivery_row(delivery, source, load_seq, now, columns_of(records), expiry)).create("delivery")
    reduce_clear_values(con, source.name, key)
    _execute(con, "landing.sql")


def _execute(con: duckdb.DuckDBPyConnection, name: str) -> None:
    for statement in duckdb.extract_statements(files("connectors").joinpath(name).read_text()):
        con.execute(statement).fetchall()


def _check_columns(columns: list[str]) -> None:
    if missing := {"line_no", "event_name", "occurred_at"} - {*columns}:
        raise SourceChanged(
            f"the mapping to events gives no column {min(missing)}; every event needs line_no, event_name and occurred_at."
        )
    if unknown := sorted({*columns} - {*PARSED_COLUMNS}):
        near = did_you_mean(unknown[0], PARSED_COLUMNS)
        raise SourceChanged(f"the mapping to events gives the column '{unknown[0]}', which no event has{near}")


def _column(name: str, value: duckdb.Expression) -> duckdb.Expression:
    return value.cast(duckdb.sqltype(PARSED_COLUMNS[name])).alias(name)


def _delivery_row(
    delivery: Delivery, source: Source, load_seq: int, now: datetime, columns: str | None, expiry: Expiry | None
) -> pa.Table:
    latest = now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
    return pa.table(
        {
            "source": [source.name],
            "load_seq": [load_seq],
            "file_id": [delivery.replays.file_id if delivery.replays else f"{source.name}-{load_seq:06d}"],
            "replayed_load_seq": pa.array([_first_load_seq(delivery.replays)], pa.int64()),
            "record_columns": pa.array([columns], pa.string()),
            "channel": pa.array([source.channel], pa.string()),
            "is_snapshot": [source.records == "snapshot"],
            "keeps_exact_duplicates": [source.exact_duplicates == "keep"],
            "query": pa.array([source.query], pa.list_(pa.string())),
            "earliest": pa.array([EARLIEST], pa.timestamp("us")),
            "latest": pa.array([latest], pa.timestamp("us")),
            "expired_before": pa.array([expiry.expired_before if expiry else None], pa.timestamp("us")),
        }
    )


def _first_load_seq(replayed: Entry | None) -> int | None:
    return (replayed.replays or replayed.load_seq) if replayed else None


def _look_up(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    landing: Path,
    earlier: Sequence[Entry],
    remembered: duckdb.DuckDBPyConnection,
) -> None:
    """Make the tables of what landed before and may be the same; the memory tells where to look."""
    run(
        con,
        "CREATE TEMP TABLE landed (event_id VARCHAR, record_id VARCHAR, record_hash UBIGINT, updated_at TIMESTAMP, "
        "load_seq BIGINT, line_no BIGINT, is_withdrawn BOOLEAN)",
    )
    run(con, "CREATE TEMP TABLE landed_quarantine (load_seq BIGINT, raw_hash VARCHAR)")
    if not earlier:
        return
    hits = known.loads_of(remembered, con.view("keys").to_arrow_table())
    where = [entry for entry in earlier if entry.load_seq in hits]
    replayed = delivery.replays.load_seq if delivery.replays else None
    events = [entry.events for entry in where]
    withdrawn = [entry.withdrawn for entry in where]
    quarantine = [entry.quarantine for entry in where if entry.load_seq != replayed]
    for sql, found in ((LANDED_EVENTS, events), (LANDED_WITHDRAWALS, withdrawn), (LANDED_QUARANTINE, quarantine)):
        if paths := [str(landing / file.path) for file in found if file]:
            run(con, sql, {"files": paths})


def _ledger(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> tuple[LedgerRow, ...]:
    rows: list[Any] = run(con, "SELECT status, reason, n_records FROM fates")
    ledger = tuple(LedgerRow(status=status, reason=reason, n_records=n) for status, reason, n in rows)
    n_records = run(con, "SELECT count(*) FROM records")[0][0]
    if sum(row.n_records for row in ledger) != n_records:
        raise ConnectorError(
            f"{delivery.name}: the ledger does not balance ({n_records} records in); nothing was landed. "
            "Its mapping gives events of a line_no that no record has: mend it, or report a defect of the connector."
        )
    return ledger


def _is_news(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, ledger: tuple[LedgerRow, ...], earlier: Sequence[Entry]
) -> bool:
    """Tell whether a delivery is worth an entry: not if we asked for the same records again and got nothing else."""
    if delivery.replays:
        return any(row.status != "quarantined" for row in ledger)
    if not delivery.is_overlap or any(row.status in ("accepted", "quarantined") for row in ledger):
        return True
    if run(con, "SELECT count(*) FROM withdrawn")[0][0]:
        return True
    cursor = next((entry.cursor for entry in reversed(earlier) if entry.cursor), None)
    promised = max((entry.complete_until for entry in earlier if entry.complete_until), default=None)
    is_later = delivery.complete_until is not None and (promised is None or delivery.complete_until > promised)
    return is_later or (delivery.cursor is not None and delivery.cursor != cursor)


def _write(
    con: duckdb.DuckDBPyConnection, view: Literal["accepted", "quarantined", "withdrawn"], final: Path, landing: Path
) -> LandedFile | None:
    """Write a view as one Parquet file, whole or not at all; None when it has no rows."""
    staged = final.with_name(f".{final.name}.tmp")
    run(con, TO_PARQUET, {"view": view, "file": str(staged)})
    failpoint("L3")
    n_rows = run(con, "SELECT count(*) FROM read_parquet($file)", {"file": str(staged)})[0][0]
    if not n_rows:
        staged.unlink()
        return None
    failpoint("L4")
    digest, n_bytes = manifest.sha256_of(staged), staged.stat().st_size
    failpoint("L5")
    put(staged, final)
    failpoint("L6")
    return LandedFile(path=str(final.relative_to(landing)), sha256=digest, n_bytes=n_bytes, n_rows=n_rows)
