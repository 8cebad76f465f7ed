"""Ask us and the peers the same about one log: do the answers agree, and what do they cost?

python -m benchmarks.peers.compare --events 2e5            agree or fail
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.data import Shop
from benchmarks.measure import Measurement, measured, middle
from benchmarks.rows import WORK, Row, row, shop_folder

HERE = Path(__file__).parent
OURS = "journeys"
PEERS = ("retentioneering", "pm4py", "polars", "chdb")
TITLES = {OURS: "journey_mining", "polars": "Polars by hand", "chdb": "chDB"}
LARGEST = {"retentioneering": 10_000_000, "pm4py": 10_000_000, "polars": 30_000_000, "chdb": 30_000_000}
"""The log each is asked about: the largest, among the sizes of the full build, that it answers on two cores in about a minute."""
GOALS = {"retentioneering": "10", "pm4py": "10", "chdb": "1"}
LOG = """
COPY (
    SELECT device_id AS path_id, min_by(event_name, event_id) AS event, date_trunc('second', occurred_at) AS occurred_at
    FROM read_parquet($landed) GROUP BY device_id, date_trunc('second', occurred_at) ORDER BY occurred_at, path_id
) TO '{log}' (FORMAT parquet, COMPRESSION zstd)
"""


def make_log(n_events: int) -> Path:
    """Make the plain log that every tool reads: one event of a device in a second, in the order of time."""
    log = WORK / f"log-{n_events}.parquet"
    if not log.exists():
        shop = shop_folder(Shop(n_events))
        with duckdb.connect() as con:
            con.execute(LOG.format(log=log), {"landed": f"{shop}/landing/web/*.parquet"}).fetchall()
    return log


def peers_python() -> str:
    """The Python of the environment in which the peers are: this folder's, or what PEERS_PYTHON names."""
    python = os.environ.get("PEERS_PYTHON", str(HERE / ".venv" / "bin" / "python"))
    if not Path(python).exists():
        raise SystemExit(f"{python} is not there; `make test-peers` makes it.")
    return python


def ask(peer: str, log: Path) -> Measurement:
    """Run one tool on a log, in its own process and, if it is not ours, in the environment of the peers."""
    python = sys.executable if peer == OURS else peers_python()
    return measured([python, str(HERE / f"by_{peer}.py"), str(log)], env={"PYTHONPATH": str(HERE.parent.parent)})


def differences(one: Measurement, other: Measurement) -> list[str]:
    """Name the answers in which two tools differ, with the first figure that does."""
    found = []
    for name, ours in one.said["answers"].items():
        theirs = other.said["answers"][name]
        if ours == theirs:
            continue
        if isinstance(ours, dict):
            key = min(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
            found.append(f"{name}, {key}: {ours.get(key)} and {theirs.get(key)}")
        else:
            found.append(f"{name}: {ours} and {theirs}")
    return found


def peer_rows(repeat: int) -> Iterator[Row]:
    """Measure us and each peer in turn on the largest log it takes."""
    for peer in PEERS:
        log, ours, theirs = make_log(LARGEST[peer]), [], []
        for _ in range(repeat):
            ours.append(ask(OURS, log))
            theirs.append(ask(peer, log))
        if found := differences(ours[0], theirs[0]):
            raise SystemExit(f"{peer} counts differently: {'; '.join(found)}")
        title, n = TITLES.get(peer, peer), duckdb.sql(f"SELECT count(*) FROM '{log}'").fetchall()[0][0]
        pace = middle(theirs).seconds / middle(ours).seconds
        yield row(f"peers/{peer}/{OURS}", f"{TITLES[OURS]}, beside {title}", n, ours)
        yield row(f"peers/{peer}", title, n, theirs, against=TITLES[OURS], ratio=pace, goal=GOALS.get(peer))


def main() -> None:
    """Check on a small log that all tools count the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=float, default=1e5)
    log = make_log(int(parser.parse_args().events))
    ours = ask(OURS, log)
    failed = False
    for peer in PEERS:
        theirs = ask(peer, log)
        found = differences(ours, theirs)
        failed |= bool(found)
        print(f"{peer}: {'; '.join(found) or 'all counts agree'} ({theirs.seconds:.1f} s, ours {ours.seconds:.1f} s)")
    if failed:
        raise SystemExit("The tools do not agree.")


if __name__ == "__main__":
    main()
