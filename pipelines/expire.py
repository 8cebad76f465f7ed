"""Expire what is older than journey.yaml keeps; the KPIs of its days are frozen first, as they were published.

How old something is tells the instant that all sources have delivered up to, not a clock: the same inputs expire alike.
Events go by whole months: a month goes when all of it is older than is kept. A build that begins from the last one cannot
take events away, so the night that a month goes is a full build; the others are not.
One commit of the manifest lists the files without what has gone, and the frozen KPIs, which are an input of every build.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from connectors import manifest
from connectors.durable import failpoint, put
from connectors.engine import connect
from connectors.expiry import Limits, find, remove
from connectors.manifest import Entry, Expiry, LandedFile
from pipelines import deliveries
from pipelines.build import completeness, inputs, published_file
from pipelines.definition import Definition
from pipelines.errors import JourneysError
from pipelines.models import window_of
from pipelines.say import Say
from pipelines.wording import counted
from pipelines.workspace import Workspace, published

DAY = 86400


@dataclass(frozen=True)
class Expired:
    """What an expiry did, or would do. Events of before `expired_before` (UTC) are gone."""

    expired_before: datetime | None = None
    n_events: int = 0
    n_quarantined: int = 0
    n_files: int = 0
    n_frozen_days: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def expire(workspace: Workspace, definition: Definition, say: Say, is_dry: bool = False) -> Expired:
    """Remove expired events and unreadable records from the landed files; the caller holds the lock.

    With `is_dry` nothing is changed. Where nothing is published yet nothing expires: there is no KPI to keep of it.
    """
    entries = manifest.read(workspace.landing)
    kept, build = definition.retention, published_file(workspace)
    if not (kept.events or kept.quarantine) or build is None:
        return Expired()
    today = _today(workspace, definition)
    limits = Limits(
        _midnight(_first_month(today, kept.events), definition.zone),
        _midnight(today - timedelta(seconds=kept.quarantine) if kept.quarantine else None, definition.zone),
    )
    if limits.events and _is_set_back(workspace, definition, entries, build):
        say(
            "expire: what is published was made with --as-of, so that days would be lost; events expire after the next build"
        )
        limits = Limits(None, limits.quarantine)
    known = deliveries.table(workspace.landing, entries, build).to_pylist()
    with _landed(workspace.landing) as con:
        old = find(con, workspace.landing, entries, limits, {row["load_seq"]: row["latest_at"] for row in known})
        frozen = _frozen(workspace, _frozen_before(today, definition)) if old.events else None
        found = Expired(
            expired_before=limits.events if old.events else None,
            n_events=sum(old.events.values()),
            n_quarantined=sum(old.quarantined.values()),
            n_files=len(old.events) + len(old.quarantined) + len(old.withdrawn),
            n_frozen_days=len(set(frozen.column("day").to_pylist())) if frozen else 0,
        )
        if old.deliveries and not is_dry:
            say(f"expire: {counted(found.n_events, 'event')}, {counted(found.n_quarantined, 'unreadable record')}")
            expiry = _expiry(con, workspace.landing, limits.events, frozen)
            failpoint("X1")
            manifest.commit(workspace.landing, remove(con, workspace.landing, entries, old), expiry)
            failpoint("X2")
            manifest.sweep(workspace.landing)
            shutil.rmtree(workspace.landing / ".known", ignore_errors=True)
    return found


def _today(workspace: Workspace, definition: Definition) -> date:
    """The day, in the definition's zone, that all sources are complete to."""
    as_of = min(inputs(workspace, definition).complete_until.values()).replace(tzinfo=UTC)
    if as_of > datetime.now(UTC) + timedelta(days=1):
        raise JourneysError(
            f"The sources say that they are complete to {as_of:%Y-%m-%d}, which is to come, so that too much would "
            "expire; mend `complete_until` in journey.yaml."
        )
    return as_of.astimezone(ZoneInfo(definition.zone)).date()


def _is_set_back(workspace: Workspace, definition: Definition, entries: Iterable[Entry], build: Path) -> bool:
    """Tell whether a build takes a source as complete to an earlier instant than its deliveries say, as `--as-of` does."""
    held = deliveries.read_deliveries(build)
    own = tuple(entry for entry in entries if deliveries.delivery(entry) in held)
    con = connect(build, allowed=[build.parent], read_only=True)
    try:
        known = dict(con.sql("SELECT source, complete_until FROM sources").fetchall())
    finally:
        con.close()
    said = completeness(workspace, definition, own, None, build)
    return any(
        known[name] < said[name]
        for name, source in definition.sources.items()
        if source.complete_until is None and name in said and known.get(name)
    )


def _first_month(today: date, kept: int | None) -> date | None:
    """The first day of the first month of which events are kept, for so many seconds; None when all are.

    >>> _first_month(date(2024, 4, 13), 40 * DAY), _first_month(date(2024, 5, 10), 40 * DAY)
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 1))
    """
    return (today - timedelta(seconds=kept)).replace(day=1) if kept else None


def _midnight(day: date | None, zone: str) -> datetime | None:
    """When a day begins (UTC)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None) if day else None


def _frozen_before(today: date, definition: Definition) -> date:
    """The first day whose figures do not rest on what expires: a window, or a gap, after the first day that is kept."""
    whole_days = -(-_longest(definition) // DAY)
    return (_first_month(today, definition.retention.events) or today) + timedelta(days=whole_days)


def _longest(definition: Definition) -> int:
    """How long before an event others may decide what it counts as, in seconds."""
    journeys = [seconds for one in definition.journeys.values() for seconds in (one.gap or 0, one.window)]
    windows = [window_of(name, kpi.window) or 0 for name, kpi in definition.kpis.items()]
    return max(definition.identity.attribute_back, definition.sessions.gap, *journeys, *windows)


@contextmanager
def _landed(landing: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that may read and write what has landed."""
    spill = landing / ".spill"
    shutil.rmtree(spill, ignore_errors=True)
    spill.mkdir(mode=0o700)
    con = connect(allowed=[landing], spill=spill)
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(spill)


FROZEN = """
WITH so_far AS (
    SELECT * FROM frozen_so_far
)
SELECT kpi, day, persona, value, low, high, n_units, n_people FROM so_far
UNION ALL
SELECT kpi, day, persona, value, low, high, n_units, n_people
FROM kpi_daily
ANTI JOIN so_far USING (kpi, day)
WHERE is_closed AND day < $frozen_before
ORDER BY kpi, day, persona
"""


def _frozen(workspace: Workspace, frozen_before: date) -> pa.Table:
    """The KPIs that were frozen before, and those published of closed days that lose events now, or what they rest on."""
    folder = published(workspace)
    so_far = deliveries.frozen_kpis(workspace.landing, manifest.read_expiry(workspace.landing))
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        con.register("frozen_so_far", so_far)
        return con.sql(FROZEN, params={"frozen_before": frozen_before}).to_arrow_table()
    finally:
        con.close()


def _write(con: duckdb.DuckDBPyConnection, landing: Path, frozen: pa.Table) -> LandedFile:
    """Write the frozen KPIs as a file named by what it holds, so that a second try after a crash writes the same."""
    staged = landing / ".frozen_kpis.parquet.tmp"
    con.from_arrow(frozen).write_parquet(str(staged), compression="zstd")
    digest, n_bytes = manifest.sha256_of(staged), staged.stat().st_size
    final = landing / manifest.FROZEN_KPIS.replace("*", digest[:8])
    put(staged, final)
    return LandedFile(path=final.name, sha256=digest, n_bytes=n_bytes, n_rows=frozen.num_rows)


def _expiry(
    con: duckdb.DuckDBPyConnection, landing: Path, expired_before: datetime | None, frozen: pa.Table | None
) -> Expiry | None:
    """Write what is frozen, and say until when events have expired; what was said stays where none do now."""
    so_far = manifest.read_expiry(landing)
    if frozen is None or expired_before is None:
        return so_far
    latest = max(expired_before, so_far.expired_before) if so_far else expired_before
    return Expiry(expired_before=latest, frozen_kpis=_write(con, landing, frozen))
