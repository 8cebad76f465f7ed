"""Land one delivery: events as immutable Parquet, a quarantine for what cannot be read, one manifest commit for both."""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import has_magic
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import duckdb
import pyarrow as pa
from pydantic import BaseModel

from connectors import manifest
from connectors.clear_values import reduce_clear_values
from connectors.delivery import Delivery
from connectors.durable import failpoint, put
from connectors.engine import connect, run
from connectors.errors import ConnectorError, SourceChanged
from connectors.keys import key_id
from connectors.manifest import Entry, LandedFile, LedgerRow
from connectors.schema import PARSED_COLUMNS, SCHEMA_VERSION
from connectors.suggest import did_you_mean

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


@dataclass(frozen=True)
class Source:
    """What landing must know of a source: its name, its connector, and the promises the definition makes for it."""

    name: str
    connector: ModuleType
    config: BaseModel
    records: Literal["append", "snapshot"] = "append"
    exact_duplicates: Literal["keep", "drop"] = "keep"
    channel: str | None = None
    query: tuple[str, ...] = ()

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
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def land(
    delivery: Delivery,
    source: Source,
    landing: Path,
    earlier: tuple[Entry, ...],
    load_seq: int,
    *,
    key: bytes | None,
    now: datetime,
) -> Entry | None:
    """Write the files of one delivery and return its manifest entry, not yet committed; None when it brings nothing new.

    `earlier` are the entries of this source that count; `load_seq` numbers the new one. Raises ConnectorError, and
    leaves nothing that a reader could see, when the input as a whole cannot be read.
    """
    folder = landing / source.name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file_id = f"{source.name}-{load_seq:06d}"
    read = [delivery.path] if delivery.path else []
    if wild := next((path for path in [landing, *read] if has_magic(str(path))), None):
        raise ConnectorError(
            f"{wild} has one of * ? [ in its name, which the engine takes for a wildcard; rename it and land again."
        )
    con = connect(allowed=[landing, *read], spill=_spill(landing))
    try:
        _judge(con, delivery, source, landing, earlier, load_seq, file_id, key, now)
        ledger = _ledger(con, delivery)
        if not _is_news(delivery, ledger, earlier):
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
            events=_write(con, "accepted", folder / f"{load_seq:06d}.parquet", landing),
            quarantine=_write(con, "quarantined", folder / f"{load_seq:06d}.quarantine.parquet", landing),
            cursor=delivery.cursor,
            complete_until=delivery.complete_until,
            landing_hash=source.landing_hash(key),
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


def _spill(landing: Path) -> Path:
    """Make an empty folder for what does not fit in memory; a killed run may have left some, in clear."""
    spill = landing / ".spill"
    shutil.rmtree(spill, ignore_errors=True)
    spill.mkdir(mode=0o700)
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
    earlier: tuple[Entry, ...],
    load_seq: int,
    file_id: str,
    key: bytes | None,
    now: datetime,
) -> None:
    delivery.load(con).create_view("records")
    failpoint("L1")
    parsed = source.connector.events(con, source.config)
    _check_columns(parsed.columns)
    parsed.select(*[_column(parsed, name, data_type) for name, data_type in PARSED_COLUMNS.items()]).create("parsed")
    con.from_arrow(_delivery_row(source, load_seq, file_id, now)).create("delivery")
    reduce_clear_values(con, source.name, key)
    _known(con, landing, earlier)
    for statement in duckdb.extract_statements(files("connectors").joinpath("landing.sql").read_text()):
        con.execute(statement).fetchall()


def _check_columns(columns: list[str]) -> None:
    if missing := {"line_no", "event_name", "occurred_at"} - {*columns}:
        raise SourceChanged(
            f"the mapping to events gives no column {min(missing)}; every event needs line_no, event_name and occurred_at."
        )
    if unknown := sorted({*columns} - {*PARSED_COLUMNS}):
        near = did_you_mean(unknown[0], PARSED_COLUMNS)
        raise SourceChanged(f"the mapping to events gives the column '{unknown[0]}', which no event has{near}")


def _column(parsed: duckdb.DuckDBPyRelation, name: str, data_type: str) -> duckdb.Expression:
    value = duckdb.ColumnExpression(name) if name in parsed.columns else duckdb.ConstantExpression(None)
    return value.cast(duckdb.sqltype(data_type)).alias(name)


def _delivery_row(source: Source, load_seq: int, file_id: str, now: datetime) -> pa.Table:
    latest = now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
    return pa.table(
        {
            "source": [source.name],
            "load_seq": [load_seq],
            "file_id": [file_id],
            "channel": pa.array([source.channel], pa.string()),
            "is_snapshot": [source.records == "snapshot"],
            "keeps_exact_duplicates": [source.exact_duplicates == "keep"],
            "query": pa.array([source.query], pa.list_(pa.string())),
            "earliest": pa.array([EARLIEST], pa.timestamp("us")),
            "latest": pa.array([latest], pa.timestamp("us")),
        }
    )


def _known(con: duckdb.DuckDBPyConnection, landing: Path, earlier: tuple[Entry, ...]) -> None:
    """Make the tables of what this source landed before."""
    run(
        con,
        "CREATE TEMP TABLE landed (event_id VARCHAR, record_id VARCHAR, record_hash UBIGINT, updated_at TIMESTAMP, "
        "load_seq BIGINT, line_no BIGINT)",
    )
    run(con, "CREATE TEMP TABLE landed_quarantine (raw_hash VARCHAR)")
    for file in (file for entry in earlier for file in (entry.events, entry.quarantine) if file):
        if not (path := landing / file.path).exists() or path.stat().st_size != file.n_bytes:
            raise ConnectorError(
                f"{path} is in the manifest, but is gone or has another size; restore it from a backup and land again."
            )
    if events := [str(landing / entry.events.path) for entry in earlier if entry.events]:
        run(
            con,
            "INSERT INTO landed SELECT event_id, record_id, record_hash, updated_at, load_seq, line_no FROM read_parquet($files)",
            {"files": events},
        )
    if quarantines := [str(landing / entry.quarantine.path) for entry in earlier if entry.quarantine]:
        run(con, "INSERT INTO landed_quarantine SELECT raw_hash FROM read_parquet($files)", {"files": quarantines})


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


def _is_news(delivery: Delivery, ledger: tuple[LedgerRow, ...], earlier: tuple[Entry, ...]) -> bool:
    """Tell whether a delivery is worth an entry: not if we asked for the same records again and got nothing else."""
    if not delivery.is_overlap or any(row.status in ("accepted", "quarantined") for row in ledger):
        return True
    cursor = next((entry.cursor for entry in reversed(earlier) if entry.cursor), None)
    promised = max((entry.complete_until for entry in earlier if entry.complete_until), default=None)
    is_later = delivery.complete_until is not None and (promised is None or delivery.complete_until > promised)
    return is_later or delivery.cursor != cursor


def _write(
    con: duckdb.DuckDBPyConnection, view: Literal["accepted", "quarantined"], final: Path, landing: Path
) -> LandedFile | None:
    """Write a view as one Parquet file, whole or not at all; None when it has no rows."""
    relation = con.view(view)
    staged = final.with_name(f".{final.name}.tmp")
    relation.write_parquet(str(staged), compression="zstd")
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
