"""Measure landing beside the least that the engine needs for the same columns: a bare read of the files, to Parquet.

python -m benchmarks.landing              1 GB of JSON lines, and the GA4 export if JOURNEYS_DATA has it
python -m benchmarks.landing --mb 100 --repeat 1
"""

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks.measure import Measurement, measured, stopwatch
from benchmarks.rows import Row, ratio_of, row
from connectors import files, ga4_export
from connectors.delivery import Context
from connectors.landing import Source, land

MAPPING = {
    "path": "web.jsonl",
    "event_name": "type",
    "fields": {
        "event_id": "id",
        "occurred_at": "sent_at",
        "device_id": "device.id",
        "device_type": "device.type",
        "user_id": "user",
        "page": "page.url",
        "referrer": "page.referrer",
        "country": "country",
        "amount": "amount",
    },
}
BARE_JSON = """
COPY (
    SELECT id, type, sent_at, device.id AS device_id, device.type AS device_type, "user", page.url, page.referrer, country, amount
    FROM read_json($file, format = 'newline_delimited', columns = {{id: 'VARCHAR', type: 'VARCHAR', sent_at: 'TIMESTAMP',
        device: 'STRUCT(id VARCHAR, type VARCHAR)', "user": 'VARCHAR', page: 'STRUCT(url VARCHAR, referrer VARCHAR)',
        country: 'VARCHAR', amount: 'DECIMAL(18, 4)'}})
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""
BARE_GA4 = """
COPY (
    SELECT event_timestamp, event_name, event_params, event_bundle_sequence_id, user_id, user_pseudo_id, device, geo, traffic_source, ecommerce
    FROM read_parquet($file)
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""


def rows(repeat: int, n_bytes: int = 1_000_000_000) -> Iterator[Row]:
    """Measure both sources, landing and bare read in turn."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        n_lines = write_lines(work / "web.jsonl", n_bytes)
        yield from compared(f"{n_bytes / 1e6:,.0f} MB of JSON lines", "json", work, repeat, n_lines)
        ga4 = Path(os.environ.get("JOURNEYS_DATA", "")) / "ga4"
        if ga4.is_dir():
            (n_events,) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{ga4}/*.parquet')").fetchall()[0]
            yield from compared("the GA4 export", "ga4", ga4, repeat, n_events)


def compared(what: str, kind: str, data: Path, repeat: int, n_lines: int) -> Iterator[Row]:
    """Run landing and the bare read in turn; the ledger must hold every line, or event of the export."""
    landings, reads = [], []
    for _ in range(repeat):
        landings.append(one("land", kind, data))
        reads.append(one("bare", kind, data))
    landed = landings[0].said
    if landed["n_records"] != n_lines:
        raise SystemExit(f"{what}: {landed['n_records']:,} records in the ledger, {n_lines:,} in the file")
    n = landed["n_accepted"]
    pace = landed["n_bytes"] / 1e6 / median(run.seconds for run in landings)
    ratio = median(ratio_of(*pair) for pair in zip(landings, reads, strict=True))
    yield row(f"land/{kind}/bare", f"read {what} to Parquet, no more", n, reads)
    yield row(
        f"land/{kind}", f"land {what}, {pace:.0f} MB/s", n, landings, against="the bare read", ratio=ratio, goal="2"
    )


def one(side: str, kind: str, data: Path) -> Measurement:
    """Measure one side once, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return measured([sys.executable, "-m", "benchmarks.landing", "--one", side, kind, str(data), folder])


def measure(side: str, kind: str, data: Path, folder: Path) -> dict[str, Any]:
    """Land, or read barely, into a folder, and say how long it took."""
    with stopwatch() as took:
        counts = landed(kind, data, folder) if side == "land" else bare(kind, data, folder)
    return counts | took


def quiet(_: str) -> None:
    """Say nothing."""


def landed(kind: str, data: Path, folder: Path) -> dict[str, Any]:
    """Land a file or an export, and count what came."""
    config: dict[str, Any] = MAPPING if kind == "json" else {"path": "*.parquet"}
    connector = files if kind == "json" else ga4_export
    source = Source("web", connector, connector.Config.model_validate(config))
    now = datetime.now(UTC)
    offered = connector.fetch(source.config, Context(data, None, frozenset(), now, quiet))
    entries = list(land(offered, source, folder / "landing", [], 0, key=None, now=now))
    return {
        "n_accepted": sum(entry.n_accepted for entry in entries),
        "n_records": sum(entry.n_records for entry in entries),
        "n_bytes": sum(entry.input_n_bytes for entry in entries),
    }


def bare(kind: str, data: Path, folder: Path) -> dict[str, Any]:
    """Read the same columns, and write them to Parquet."""
    con = duckdb.connect(config={"memory_limit": "4GB"})
    for path in [data / "web.jsonl"] if kind == "json" else sorted(data.glob("*.parquet")):
        sql = BARE_JSON if kind == "json" else BARE_GA4
        con.execute(sql.format(target=folder / f"{path.stem}.parquet"), {"file": str(path)}).fetchall()
    con.close()
    return {}


def write_lines(path: Path, n_bytes: int) -> int:
    """Write web events as JSON lines, about `n_bytes` of them; tell how many lines."""
    with path.open("w") as stream:
        for number, line in enumerate(web_events(), 1):
            stream.write(line)
            if number % 1000 == 0 and stream.tell() >= n_bytes:
                return number
    raise AssertionError("the events do not end")


def web_events() -> Iterator[str]:
    """Invent web events without end, as lines."""
    chance = random.Random(7)
    instant = datetime(2024, 5, 1)
    while True:
        instant += timedelta(milliseconds=chance.randrange(500))
        is_buyer = chance.random() < 0.1
        event = {
            "id": f"{chance.getrandbits(128):032x}",
            "type": chance.choice(["page_view", "view_item", "add_to_cart", "begin_checkout", "purchase", "search"]),
            "sent_at": instant.isoformat(timespec="milliseconds") + "Z",
            "device": {"id": f"d{chance.randrange(300_000):07}", "type": chance.choice(["mobile", "desktop"])},
            "user": f"u{chance.randrange(100_000):06}" if chance.random() < 0.3 else None,
            "page": {
                "url": f"https://shop.example/p/{chance.randrange(3_000)}?utm_source=x",
                "referrer": "https://news.example/a",
            },
            "country": chance.choice(["DE", "FR", "GB"]),
            "amount": round(chance.random() * 100, 2) if is_buyer else None,
        }
        yield json.dumps(event) + "\n"


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=1000, help="how much of JSON lines to measure")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--one", nargs=4, metavar=("SIDE", "KIND", "DATA", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        side, kind, data, folder = given.one
        print(json.dumps(measure(side, kind, Path(data), Path(folder))))
        return
    for found in rows(given.repeat, given.mb * 1_000_000):
        print(
            f"{found.what}, {found.n_events:,} events: {found.seconds:.2f} s, CPU {found.cpu_seconds:.2f} s, ratio {found.ratio}"
        )


if __name__ == "__main__":
    main()
