"""Take records out of what has landed: files are never changed, so those that stay are written anew under another name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors import manifest
from connectors.durable import put
from connectors.engine import run
from connectors.manifest import Entry, LandedFile, LedgerRow

BY_LINE = "SELECT file_row_number FROM landed_file SEMI JOIN doomed_lines USING (line_no)"
NONE = "SELECT file_row_number FROM landed_file WHERE false"


@dataclass(frozen=True)
class Doomed:
    """Which rows of a delivery's files are to go: SELECTs of file_row_number from landed_file, which is each in turn."""

    events: str = NONE
    quarantine: str = NONE
    withdrawn: str = NONE


LINES = Doomed(BY_LINE, BY_LINE, BY_LINE)
"""The lines in the table doomed_lines (line_no)."""

EVENTS = """
SELECT 'accepted', NULL, count(DISTINCT line_no)
FROM landed_file
WHERE line_no NOT IN (SELECT line_no FROM landed_file ANTI JOIN doomed_rows USING (file_row_number))
"""
"""Records of which no event stays."""
QUARANTINE = """
SELECT 'quarantined', reason, count(*) FROM landed_file SEMI JOIN doomed_rows USING (file_row_number) GROUP BY reason
"""
WITHDRAWN = "SELECT NULL, NULL, 0"
KEPT = """
SELECT * EXCLUDE (file_row_number) FROM landed_file ANTI JOIN doomed_rows USING (file_row_number) ORDER BY file_row_number
"""


def without(con: duckdb.DuckDBPyConnection, landing: Path, entry: Entry, reason: str, doomed: Doomed = LINES) -> Entry:
    """Write an entry's files without the rows that are `doomed`, and return the entry that lists them.

    In the ledger records of which nothing stays move to filtered, for `reason`. It is the same entry when no row of it is
    doomed. Neither the manifest is touched, nor the files that it lists.
    """
    events, n_events = _without(con, landing, entry.events, doomed.events, EVENTS)
    quarantine, n_quarantined = _without(con, landing, entry.quarantine, doomed.quarantine, QUARANTINE)
    withdrawn, _ = _without(con, landing, entry.withdrawn, doomed.withdrawn, WITHDRAWN)
    ledger = moved(entry.ledger, n_events + n_quarantined, reason)
    files = {"events": events, "quarantine": quarantine, "withdrawn": withdrawn}
    return entry.model_copy(update={**files, "ledger": ledger})


def moved(
    ledger: tuple[LedgerRow, ...], gone: Mapping[tuple[str, str | None], int], reason: str
) -> tuple[LedgerRow, ...]:
    """Move records in a ledger from the fates they had to filtered; the sum stays what it was.

    >>> for row in moved((LedgerRow(status="accepted", reason=None, n_records=5),), {("accepted", None): 2}, "erased"):
    ...     print(row)
    status='accepted' reason=None n_records=3
    status='filtered' reason='erased' n_records=2
    """
    if not sum(gone.values()):
        return ledger
    counts: Counter[tuple[str, str | None]] = Counter({(row.status, row.reason): row.n_records for row in ledger})
    counts.subtract(gone)
    counts["filtered", reason] += sum(gone.values())
    return tuple(
        LedgerRow.model_validate({"status": status, "reason": why, "n_records": n})
        for (status, why), n in sorted(counts.items(), key=lambda count: (count[0][0], count[0][1] or ""))
        if n
    )


def _without(
    con: duckdb.DuckDBPyConnection, landing: Path, file: LandedFile | None, doomed: str, count: str
) -> tuple[LandedFile | None, Counter[tuple[str, str | None]]]:
    """Write one file without the doomed rows; count their records by the fate they had."""
    if file is None:
        return None, Counter()
    path = landing / file.path
    con.read_parquet(str(path), file_row_number=True).create_view("landed_file", replace=True)
    run(con, f"CREATE OR REPLACE TEMP TABLE doomed_rows AS {doomed}")
    if not run(con, "SELECT count(*) FROM doomed_rows")[0][0]:
        return file, Counter()
    gone = Counter({(status, why): n for status, why, n in run(con, count)})
    return _kept(con, landing, path), gone


def _kept(con: duckdb.DuckDBPyConnection, landing: Path, path: Path) -> LandedFile | None:
    staged = path.with_name(f".{path.name}.tmp")
    con.sql(KEPT).write_parquet(str(staged), compression="zstd")
    n_rows: int = run(con, "SELECT count(*) FROM read_parquet($file)", {"file": str(staged)})[0][0]
    if not n_rows:
        staged.unlink()
        return None
    digest, n_bytes = manifest.sha256_of(staged), staged.stat().st_size
    # What it holds names it, so that a second try after a crash writes the same file again.
    final = path.with_name(f"{path.name[:6]}-{digest[:8]}{path.name[path.name.index('.') :]}")
    put(staged, final)
    return LandedFile(path=str(final.relative_to(landing)), sha256=digest, n_bytes=n_bytes, n_rows=n_rows)
