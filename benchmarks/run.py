"""Measure what the pipeline costs and how its cost grows; write benchmarks/RESULTS.md.

    make bench                                              everything, hours
    python -m benchmarks.run --rows full,nights --events 1e6,3e6 --repeat 1
    python -m benchmarks.run --render                       only write the table again

Every figure is one process of its own. Rows already measured with the code as it is are not measured again.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict

from benchmarks import landing, rows
from benchmarks.mining import mining_rows
from benchmarks.peers.compare import peer_rows
from benchmarks.rows import HERE, NIGHTS, WORK, Row
from benchmarks.table import table
from pipelines.build import CODE

RAW = HERE / "results.json"
EVENTS = (1e6, 3e6, 1e7, 3e7, 1e8)
LARGEST_MINED = 1e7
Measure = Callable[[], Iterator[Row]]


def main() -> None:
    """Measure what was asked for and is not known yet, and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="land,full,skew,nights,peers,mining", help="which, by comma")
    parser.add_argument("--events", default=",".join(f"{n:.0e}" for n in EVENTS), help="sizes of the full build")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--again", action="store_true", help="measure even what is known")
    parser.add_argument("--keep", action="store_true", help="keep the invented data for the next time")
    parser.add_argument("--render", action="store_true", help="measure nothing")
    given = parser.parse_args()
    raw = json.loads(RAW.read_text()) if RAW.exists() else {}
    asked = (
        []
        if given.render
        else plan(given.rows.split(","), [int(float(n)) for n in given.events.split(",")], given.repeat)
    )
    code = code_id()
    for name, measure in asked:
        if raw.get(name, {}).get("code") == code and not given.again:
            continue
        found = []
        for one in measure():
            print(f"{one.what}, {one.n_events:,} events: {one.seconds:.2f} s, {one.peak_mb:.0f} MB", flush=True)
            found.append(asdict(one))
        raw[name] = {"code": code, "rows": found}
        RAW.write_text(json.dumps(raw, indent=1) + "\n")
        (HERE / "RESULTS.md").write_text(table(raw))
        if not given.keep:
            shutil.rmtree(WORK, ignore_errors=True)
    (HERE / "RESULTS.md").write_text(table(raw))


def plan(groups: list[str], sizes: list[int], repeat: int) -> Iterator[tuple[str, Measure]]:
    """Name what is to be measured, in groups that share their data."""
    for group in groups:
        match group:
            case "land":
                yield "land", lambda: landing.rows(repeat)
            case "full" | "limit":
                for n in sizes:
                    yield f"full/{n:.0e}", lambda n=n: rows.full(n, repeat)
            case "skew":
                yield "skew", lambda: rows.skew(6_000_000, repeat)
            case "nights":
                for n_days, n_events, goal in NIGHTS:
                    yield f"nights/{n_days}", lambda d=n_days, n=n_events, g=goal: rows.nights(d, n, g, repeat)
            case "peers":
                yield "peers", lambda: peer_rows(repeat)
            case "mining":
                for n in (n for n in sizes if n <= LARGEST_MINED):
                    yield f"mining/{n:.0e}", lambda n=n: mining_rows(n, repeat)
            case _:
                there = "land, full, limit, skew, nights, peers and mining"
                raise SystemExit(f"--rows: there is no '{group}'; there are {there}.")


def code_id() -> str:
    """Name the code that is measured: of the pipeline and of the instruments."""
    files = [*CODE, *sorted(HERE.rglob("*.py")), *sorted(HERE.rglob("*.sql"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files if WORK not in path.parents)).hexdigest()[:12]


if __name__ == "__main__":
    main()
