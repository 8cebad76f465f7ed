"""Measure landing beside the least that the engine needs for the same columns: a bare read of the files, to Parquet.

.venv/bin/python benchmarks/landing.py              1 GB of JSON lines, and the GA4 export if JOURNEYS_DATA has it
.venv/bin/python benchmarks/landing.py --mb 100
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
    FROM read_json($file, format = 'newline_delimited', columns = {id: 'VARCHAR', type: 'VARCHAR', sent_at: 'TIMESTAMP',
        device: 'STRUCT(id VARCHAR, type VARCHAR)', "user": 'VARCHAR', page: 'STRUCT(url VARCHAR, referrer VARCHAR)',
        country: 'VARCHAR', amount: 'DECIMAL(18, 4)'})
) TO 'bare.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
BARE_GA4 = """
COPY (
    SELECT event_timestamp, event_name, event_params, event_bundle_sequence_id, user_id, user_pseudo_id, device, geo, traffic_source, ecommerce
    FROM read_parquet($file)
) TO 'bare.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
ROUNDS = 5


def rows(n_bytes: int = 1_000_000_000) -> list[dict[str, Any]]:
    """Measure both sources, landing and bare read in turn; the median of five. `times_the_limit` compares their seconds."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        n_lines = write_lines(work / "web.jsonl", n_bytes)
        found = [compared(f"land {n_bytes / 1e6:,.0f} MB of JSON lines", "json", work, n_lines)]
        ga4 = Path(os.environ.get("JOURNEYS_DATA", "")) / "ga4"
        if ga4.is_dir():
            found.append(compared("land the GA4 export", "ga4", ga4, 0))
        return found


def compared(what: str, kind: str, data: Path, n_lines: int) -> dict[str, Any]:
    """Run landing and the bare read in turn, each in a process of its own."""
    runs = [{side: one(side, kind, data) for side in ("land", "bare")} for _ in range(ROUNDS)]
    seconds = {side: statistics.median(run[side]["seconds"] for run in runs) for side in ("land", "bare")}
    landed = runs[0]["land"]
    if n_lines and landed["n_records"] != n_lines:
        raise SystemExit(f"{what}: {landed['n_records']:,} records in the ledger, {n_lines:,} lines in the file")
    cpu = {side: statistics.median(run[side]["cpu_seconds"] for run in runs) for side in ("land", "bare")}
    bare_peak = statistics.median(run["bare"]["peak_mb"] for run in runs)
    return {
        "what": what,
        "n_events": landed["n_accepted"],
        "seconds": round(seconds["land"], 2),
        "times_the_limit": round(seconds["land"] / seconds["bare"], 2),
        "peak_mb": round(statistics.median(run["land"]["peak_mb"] for run in runs)),
        "note": f"bare read to Parquet {seconds['bare']:.2f} s, {bare_peak:.0f} MB; {landed['n_bytes'] / 1e6 / seconds['land']:,.0f} MB/s; "
        f"CPU {cpu['land']:.2f} s against {cpu['bare']:.2f}",
    }


def one(side: str, kind: str, data: Path) -> dict[str, Any]:
    """Measure one side once, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--one", side, kind, str(data)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(side: str, kind: str, data: Path) -> dict[str, Any]:
    """Land, or read barely, and say how long it took, also in CPU time, which a busy machine spoils less, and what memory."""
    began, cpu_began = time.perf_counter(), time.process_time()
    counts = landed(kind, data) if side == "land" else bare(kind, data)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return counts | {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak_mb}


def quiet(_: str) -> None:
    """Say nothing."""


def landed(kind: str, data: Path) -> dict[str, Any]:
    from connectors import files, ga4_export
    from connectors.delivery import Context
    from connectors.landing import Source, land

    config: dict[str, Any] = MAPPING if kind == "json" else {"path": "*.parquet"}
    connector = files if kind == "json" else ga4_export
    source = Source("web", connector, connector.Config.model_validate(config))
    now = datetime.now(UTC)
    offered = connector.fetch(source.config, Context(data, None, frozenset(), now, quiet))
    landing = Path.cwd() / "landing"
    entries = list(land(offered, source, landing, [], 0, key=None, now=now))
    return {
        "n_accepted": sum(entry.n_accepted for entry in entries),
        "n_records": sum(entry.n_records for entry in entries),
        "n_bytes": sum(entry.input_n_bytes for entry in entries),
    }


def bare(kind: str, data: Path) -> dict[str, Any]:
    import duckdb

    con = duckdb.connect(config={"memory_limit": "4GB"})
    for path in [data / "web.jsonl"] if kind == "json" else sorted(data.glob("*.parquet")):
        con.execute(BARE_JSON if kind == "json" else BARE_GA4, {"file": str(path)}).fetchall()
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
    parser.add_argument("--one", nargs=3, metavar=("SIDE", "KIND", "DATA"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        side, kind, data = given.one
        print(json.dumps(measure(side, kind, Path(data))))
        return
    for row in rows(given.mb * 1_000_000):
        print(row)


if __name__ == "__main__":
    main()
