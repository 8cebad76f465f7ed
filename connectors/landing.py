"""Land deliveries: events as immutable Parquet, a quarantine for what cannot be read, one manifest entry for both."""

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from glob import has_magic
from pathlib import Path
from typing import Any, Literal

import duckdb

from connectors import erasure, known, manifest
from connectors.delivery import Delivery
from connectors.durable import failpoint, put
from connectors.engine import connect, run
from connectors.errors import ConnectorError, SourceChanged
from connectors.judging import execute, first_load_seq, judge
from connectors.keys import key_id
from connectors.landed_before import look_up
from connectors.manifest import Entry, LandedFile, LedgerRow
from connectors.source import Source

TO_PARQUET = "COPY (FROM query_table($view)) TO $file (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
"""Of the levels the lowest: files are as small as at the usual one, and take a fifth less time."""


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
        judge(con, delivery, source, landing, load_seq, key, now)
        erased = erasure.read(landing)
        erasure.keep_out(con, erased, source.prefixes_at_any_time(erased), source.keys)
        look_up(con, delivery, landing, earlier, remembered)
        execute(con, "fates.sql")
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
            origin=source.origin,
            replays=first_load_seq(delivery.replays),
            key_id=key_id(key) if key else None,
            namespaces=source.every_namespace,
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
