"""Take records out of what has landed: files are never changed, so those that stay are written anew under another name."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import duckdb

from connectors import manifest
from connectors.durable import put
from connectors.engine import run
from connectors.manifest import Entry, LandedFile, LedgerRow

EVENTS = """
SELECT 'accepted', NULL, count(DISTINCT line_no) FROM landed_file SEMI JOIN doomed_lines USING (line_no) HAVING count(*) > 0
"""
QUARANTINE = """
SELECT 'quarantined', reason, count(*) FROM landed_file SEMI JOIN doomed_lines USING (line_no) GROUP BY reason
"""
WITHDRAWN = "SELECT NULL, NULL, 0 WHERE EXISTS (SELECT 1 FROM landed_file SEMI JOIN doomed_lines USING (line_no))"
KEPT = "SELECT * EXCLUDE (file_row_number) FROM landed_file ANTI JOIN doomed_lines USING (line_no) ORDER BY file_row_number"


def without(con: duckdb.DuckDBPyConnection, landing: Path, entry: Entry, reason: str) -> Entry:
    """Write an entry's files without the lines in the table doomed_lines (line_no), and return the entry that lists them.

    In the ledger those records move to filtered, for `reason`. It is the same entry when no line of it is doomed. Neither
    the manifest is touched, nor the files that it lists.
    """
    events, n_events = _without(con, landing, entry.events, EVENTS)
    quarantine, n_quarantined = _without(con, landing, entry.quarantine, QUARANTINE)
    withdrawn, _ = _without(con, landing, entry.withdrawn, WITHDRAWN)
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
    con: duckdb.DuckDBPyConnection, landing: Path, file: LandedFile | None, count: str
) -> tuple[LandedFile | None, Counter[tuple[str, str | None]]]:
    """Write one file without the doomed lines; count them by the fate their records had."""
    if file is None:
        return None, Counter()
    path = landing / file.path
    con.read_parquet(str(path), file_row_number=True).create_view("landed_file", replace=True)
    gone = Counter({(status, why): n for status, why, n in run(con, count)})
    return (_kept(con, landing, path) if gone else file), gone


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
