"""Find what of a source landed before and may be the same as what a delivery brings."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from connectors import known
from connectors.delivery import Delivery
from connectors.engine import run
from connectors.manifest import Entry

LANDED_EVENTS = """
INSERT INTO landed
SELECT event_id, record_id, record_hash, updated_at, load_seq, CAST(regexp_extract(file_id, '[0-9]+$') AS BIGINT), line_no, false
FROM read_parquet($files)
"""

LANDED_WITHDRAWALS = """
INSERT INTO landed
SELECT NULL, record_id, record_hash, updated_at, load_seq, CAST(regexp_extract(file_id, '[0-9]+$') AS BIGINT), line_no, true
FROM read_parquet($files)
"""

LANDED_QUARANTINE = "INSERT INTO landed_quarantine SELECT load_seq, raw_hash FROM read_parquet($files)"


def look_up(
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
        "load_seq BIGINT, came_with BIGINT, line_no BIGINT, is_withdrawn BOOLEAN)",
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
