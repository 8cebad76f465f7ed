"""Invent landed events of any size: a shop with bursty visits, a power law of activity and a few very hot people.

    python -m benchmarks.data WORKSPACE --events 10e6 --days 300

One delivery per source and day, as after so many nights; `deliver` adds a day, or a day with something special, to a
workspace that is there. Landing itself is measured elsewhere: what is written here is what it would have written.
"""

import argparse
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors import manifest
from connectors.manifest import Entry, LandedFile, LedgerRow
from connectors.schema import EVENT_SCHEMA
from pipelines.definition import load, source

HERE = Path(__file__).parent
DEFINITION = HERE.parent / "pipelines" / "demo" / "journey.yaml"
FIRST_ON = date(2025, 1, 1)
EVENTS_OF_A_SLOT = 0.347  # a day, on average, their orders and tickets included
SOURCES = {"web": "web_events({day}, 0)", "orders": "order_events({day})", "support": "ticket_events({day})"}
SPECIAL = {
    "day": {},
    "resting": {name: f"(FROM {events} WHERE person <> -1)" for name, events in SOURCES.items()},
    "quiet": {name: f"(FROM {events} WHERE person > 0)" for name, events in SOURCES.items()},
    "late": {"web": "(FROM web_events({day}, 0) UNION ALL FROM late_events({day}))"},
    "merges": {"orders": "(FROM order_events({day}) UNION ALL BY NAME FROM merging_events({day}))"},
}
"""What else a day may bring: not the one who never rests; no hot people; a thousand visits of 150 days ago; customers who turn out to be one."""

SQL_TYPES = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "timestamp[us]": "TIMESTAMP",
    "int64": "BIGINT",
    "uint64": "UBIGINT",
    "double": "DOUBLE",
    "decimal128(18, 4)": "DECIMAL(18, 4)",
}


@dataclass(frozen=True)
class Shop:
    """What is invented: about `n_events` over `n_days`, of which the hottest person has `hot_share`, from a seed."""

    n_events: int
    n_days: int = 300
    hot_share: float = 0.01
    seed: int = 7

    @property
    def hot_people(self) -> pa.Table:
        """Who is there every day: a till with its share, eight at a twentieth of it, and one who never rests.

        The first never buys and never pauses for as long as half an hour: neither a session nor a journey of theirs
        ever ends. The others come from eight to ten in the evening.
        """
        visits = self.n_events / self.n_days / 20 * self.hot_share
        rows = [(-1, 60.0, 1, 0.0, 24.0), (-2, visits, 20, 8.0, 14.0)]
        rows += [(-person, visits / 20, 20, 8.0, 14.0) for person in range(3, 11)]
        names = ("person", "n_visits", "n_events", "first_hour", "n_hours")
        return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])

    @property
    def n_slots(self) -> int:
        """How many people are customers at a time."""
        hot = sum(row["n_visits"] * row["n_events"] for row in self.hot_people.to_pylist())
        return max(1, round((self.n_events / self.n_days - hot) / EVENTS_OF_A_SLOT))


def invent(folder: Path, shop: Shop) -> None:
    """Make a workspace that has landed every day of a shop."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in SOURCES:
        (folder / "landing" / name).mkdir(parents=True)
    shutil.copy(DEFINITION, folder / "journey.yaml")
    (folder / "shop.json").write_text(json.dumps(asdict(shop)))
    _deliver(folder, shop, range(1, shop.n_days + 1), "day")


def deliver(folder: Path, special: str = "day") -> None:
    """Land one more day in a workspace; `special` is a key of SPECIAL."""
    shop = Shop(**json.loads((folder / "shop.json").read_text()))
    day = len({entry.input for entry in manifest.read(folder / "landing")}) + 1
    _deliver(folder, shop, range(day, day + 1), special)


def _deliver(folder: Path, shop: Shop, days: range, special: str) -> None:
    con = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "landing" / ".spill")})
    con.execute("SET VARIABLE seed = $seed", {"seed": shop.seed})
    con.execute("SET VARIABLE n_slots = $n_slots", {"n_slots": shop.n_slots})
    con.execute("SET VARIABLE first_on = $day", {"day": FIRST_ON})
    con.from_arrow(shop.hot_people).create("hot_people")
    for statement in duckdb.extract_statements((HERE / "data.sql").read_text()):
        con.execute(statement).fetchall()
    for day, number in [(day, 0) for day in range(days[0] - 4, days[0])] + [(days[0] - 150, 500)]:
        con.execute(f"INSERT INTO visits FROM visits_on({day}, {number})").fetchall()
    entries = list(manifest.read(folder / "landing"))
    definition = load(folder / "journey.yaml")
    hashes = {name: source(definition, name, folder).landing_hash(None) for name in SOURCES}
    for day in days:
        con.execute(f"DELETE FROM visits WHERE day = {day - 5}").fetchall()
        con.execute(f"INSERT INTO visits FROM visits_on({day}, 0)").fetchall()
        for name, events in (SOURCES | SPECIAL[special]).items():
            load_seq = len(entries) + 1
            file = _write(con, folder / "landing", name, load_seq, events.format(day=day))
            entries.append(_entry(name, load_seq, day, file, hashes[name]))
    manifest.commit(folder / "landing", entries)
    con.close()


def _write(con: duckdb.DuckDBPyConnection, landing: Path, name: str, load_seq: int, events: str) -> LandedFile | None:
    """Write what a query gives as landed events, in the order of time."""
    path = landing / name / f"{load_seq:06d}.parquet"
    rows = (
        f"SELECT *, row_number() OVER (ORDER BY occurred_at, event_id) AS line_no, line_no AS sequence, '{name}' AS source, "
        f"{load_seq} AS load_seq, '{name}-{load_seq:06d}' AS file_id, hash(event_id, occurred_at) AS record_hash FROM {events}"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE delivered AS {rows}").fetchall()
    found = {row[0] for row in con.execute("DESCRIBE delivered").fetchall()}
    columns = ", ".join(
        f"CAST({field.name if field.name in found else 'NULL'} AS {SQL_TYPES[str(field.type)]}) AS {field.name}"
        for field in EVENT_SCHEMA
    )
    copy = f"COPY (SELECT {columns} FROM delivered ORDER BY line_no) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    n_rows = con.execute(copy).fetchall()[0][0]
    if not n_rows:
        path.unlink()
        return None
    return LandedFile(
        path=f"{name}/{path.name}", sha256=manifest.sha256_of(path), n_bytes=path.stat().st_size, n_rows=n_rows
    )


def _entry(name: str, load_seq: int, day: int, file: LandedFile | None, landing_hash: str) -> Entry:
    n_rows = file.n_rows if file else 0
    return Entry(
        load_seq=load_seq,
        source=name,
        input=f"day-{day:04d}",
        input_sha256=f"{day:064d}",
        input_n_bytes=0,
        n_records=n_rows,
        ledger=(LedgerRow(status="accepted", reason=None, n_records=n_rows),) if n_rows else (),
        events=file,
        quarantine=None,
        cursor=None,
        complete_until=datetime.combine(FIRST_ON, datetime.min.time(), UTC) + timedelta(days=day),
        landing_hash=landing_hash,
    )


def main() -> None:
    """Invent a workspace."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--days", type=int, default=300)
    parser.add_argument("--hot-share", type=float, default=0.01)
    parser.add_argument("--deliver", choices=SPECIAL, help="land one more day instead")
    given = parser.parse_args()
    if given.deliver:
        deliver(given.workspace, given.deliver)
    else:
        invent(given.workspace, Shop(int(given.events), given.days, given.hot_share))


if __name__ == "__main__":
    main()
