"""Find what has landed and is older than it may be kept, and write the files without it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.engine import run
from connectors.manifest import Entry
from connectors.rewriting import Doomed, without


@dataclass(frozen=True)
class Limits:
    """Until which instants (UTC) things have expired; None where they are kept for ever."""

    events: datetime | None
    quarantine: datetime | None


@dataclass(frozen=True)
class Old:
    """What has expired, by the deliveries that hold it: how many events, how many unreadable records, withdrawals."""

    events: Mapping[int, int]
    quarantined: Mapping[int, int]
    withdrawn: frozenset[int]

    @property
    def deliveries(self) -> frozenset[int]:
        """The deliveries that something of has expired, by their load_seq."""
        return self.withdrawn.union(self.events, self.quarantined)


OLD_RECORDS = """
INSERT INTO old_records
SELECT DISTINCT source, record_id
FROM read_parquet($files)
WHERE record_id IS NOT NULL AND occurred_at < (SELECT expired_before FROM limits)
"""
REPLACED = """
INSERT INTO replaced_versions
WITH versions AS (
    SELECT source, record_id, updated_at, load_seq, line_no
    FROM read_parquet($files)
    SEMI JOIN old_records USING (source, record_id)
    GROUP BY ALL
)
SELECT load_seq, line_no
FROM versions
QUALIFY row_number() OVER (PARTITION BY source, record_id ORDER BY updated_at DESC NULLS LAST, load_seq DESC, line_no DESC) > 1
"""
"""Versions of a record that a later one has replaced; they would count again when all events of that one are gone."""
OLD_EVENTS = """
SELECT load_seq, count(*) FROM read_parquet($files) WHERE occurred_at < (SELECT expired_before FROM limits) GROUP BY load_seq
"""
REPLACED_EVENTS = """
SELECT load_seq, count(*)
FROM read_parquet($files)
SEMI JOIN replaced_versions USING (load_seq, line_no)
WHERE occurred_at >= (SELECT expired_before FROM limits)
GROUP BY load_seq
"""
KEPT_RECORDS = """
INSERT INTO kept_records
SELECT DISTINCT source, record_id
FROM read_parquet($files)
ANTI JOIN replaced_versions USING (load_seq, line_no)
WHERE record_id IS NOT NULL AND occurred_at >= (SELECT expired_before FROM limits)
"""
OLD_WITHDRAWN = """
SELECT DISTINCT load_seq
FROM read_parquet($files)
ANTI JOIN kept_records USING (source, record_id)
WHERE updated_at < (SELECT expired_before FROM limits)
"""
DOOMED = Doomed(
    events="""
SELECT file_row_number
FROM landed_file
LEFT JOIN replaced_versions AS replaced USING (load_seq, line_no)
WHERE occurred_at < (SELECT expired_before FROM limits) OR replaced.line_no IS NOT NULL
""",
    # A withdrawal is of use as long as an event is there that it takes back.
    withdrawn="""
SELECT file_row_number
FROM landed_file
ANTI JOIN kept_records USING (source, record_id)
WHERE updated_at < (SELECT expired_before FROM limits)
""",
)
WITH_QUARANTINE = Doomed(DOOMED.events, "SELECT file_row_number FROM landed_file", DOOMED.withdrawn)


def find(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    entries: Sequence[Entry],
    limits: Limits,
    latest: Mapping[int, datetime | None],
) -> Old:
    """Find what has expired; makes the tables limits, kept_records and replaced_versions. `latest` tells the latest event of each delivery."""
    con.from_arrow(pa.table({"expired_before": pa.array([limits.events], pa.timestamp("us"))})).create("limits")
    run(con, "CREATE TEMP TABLE kept_records (source VARCHAR, record_id VARCHAR)")
    run(con, "CREATE TEMP TABLE old_records (source VARCHAR, record_id VARCHAR)")
    run(con, "CREATE TEMP TABLE replaced_versions (load_seq BIGINT, line_no BIGINT)")
    came = came_at(entries, latest)
    quarantined = {
        entry.load_seq: entry.quarantine.n_rows
        for entry in entries
        if entry.quarantine and limits.quarantine and came.get(entry.load_seq, datetime.max) < limits.quarantine
    }
    if not limits.events:
        return Old({}, quarantined, frozenset())
    files = _events(landing, entries)
    events = Counter(dict(run(con, OLD_EVENTS, {"files": files})))
    if events:
        run(con, OLD_RECORDS, {"files": files})
        run(con, REPLACED, {"files": files})
        events += Counter(dict(run(con, REPLACED_EVENTS, {"files": files})))
    withdrawn = [str(landing / entry.withdrawn.path) for entry in entries if entry.withdrawn]
    with_withdrawn = {entry.source for entry in entries if entry.withdrawn}
    if snapshots := _events(landing, (entry for entry in entries if entry.source in with_withdrawn)):
        run(con, KEPT_RECORDS, {"files": snapshots})
    return Old(
        events,
        quarantined,
        frozenset(n for (n,) in run(con, OLD_WITHDRAWN, {"files": withdrawn})) if withdrawn else frozenset(),
    )


def _events(landing: Path, entries: Iterable[Entry]) -> list[str]:
    return [str(landing / entry.events.path) for entry in entries if entry.events]


def came_at(entries: Iterable[Entry], latest: Mapping[int, datetime | None]) -> dict[int, datetime]:
    """Tell when each delivery came (UTC), by how far its source had come with it: unreadable records have no time.

    A source that never tells one, as of passive events alone, came when the others had come so far.
    """
    in_order = sorted(entries, key=lambda entry: entry.replays or entry.load_seq)
    anybody = _reached(in_order, latest)
    found: dict[int, datetime] = {}
    for source in {entry.source for entry in in_order}:
        own = [entry for entry in in_order if entry.source == source]
        numbers = anybody.keys() & {entry.load_seq for entry in own}
        found |= _reached(own, latest) or {number: anybody[number] for number in numbers}
    return found


def _reached(in_order: Iterable[Entry], latest: Mapping[int, datetime | None]) -> dict[int, datetime]:
    """How far these deliveries had come with each; one before any that tells a time is as old as the first that does."""
    found: dict[int, datetime] = {}
    untimed: list[int] = []
    reached: datetime | None = None
    for entry in in_order:
        instants = (reached, _utc(entry.complete_until), latest.get(entry.load_seq))
        reached = max((instant for instant in instants if instant), default=None)
        untimed.append(entry.load_seq)
        if reached:
            found |= dict.fromkeys(untimed, reached)
            untimed = []
    return found


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant and instant.tzinfo else instant


def remove(con: duckdb.DuckDBPyConnection, landing: Path, entries: Iterable[Entry], old: Old) -> list[Entry]:
    """Write the files without what `find` found, and return the entries that list them. Nothing listed is changed."""
    left = []
    for entry in entries:
        doomed = WITH_QUARANTINE if entry.load_seq in old.quarantined else DOOMED
        is_touched = entry.load_seq in old.deliveries
        left.append(without(con, landing, entry, "expired", doomed) if is_touched else entry)
    return left
