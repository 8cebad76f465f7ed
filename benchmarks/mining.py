"""What path analysis costs beside retentioneering and pm4py: the rows `mining` of benchmarks/run.py.

Each family alone, from a Parquet file on disk to the answer, and asked again; then all of them in one session. Every
figure is a process of its own; the tools take turns.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.measure import Measurement, measured
from benchmarks.peers.compare import HERE, make_log, peers_python
from benchmarks.rows import Row, row

OURS = "journeys"
FAMILIES: dict[str, tuple[str, ...]] = {
    "transitions": ("retentioneering", "pm4py"),
    "step matrix": ("retentioneering",),
    "funnel": ("retentioneering",),
    "variants": ("pm4py",),
    "sessions": ("retentioneering",),
    "filter": ("retentioneering",),
    "sankey": ("retentioneering",),
    "sequences": (),
    "order test": (),
    "retention": (),
    "lifecycle": (),
    "cleaning": ("retentioneering",),
    "conformance": (),
    "comparing": (),
    "distance": (),
    "markov": (),
    "attribution": (),
    "what if": (),
    "drivers": (),
    "personas": ("retentioneering",),
}
"""What we are asked, and which peers can be asked the same."""
LARGEST_REPEATED = 3_000_000


def mining_rows(n_events: int, repeat: int) -> Iterator[Row]:
    """Measure each family, and all, of one size."""
    log = make_log(n_events)
    (n_rows,) = duckdb.sql(f"SELECT count(*) FROM '{log}'").fetchall()[0]
    for title, (families, peers) in sessions().items():
        runs: dict[str, list[Measurement]] = {tool: [] for tool in (OURS, *peers)}
        for _ in range(repeat if n_events <= LARGEST_REPEATED else 1):
            for tool, found in runs.items():
                found.append(ask(tool, log, families))
        for tool, found in runs.items():
            laps = {"again": median(one.said["warm"] for one in found)}
            yield row(f"mining/{n_events:.0e}/{title}/{tool}", f"{title} by {tool}", n_rows, found, laps=laps)


def sessions() -> dict[str, tuple[list[str], tuple[str, ...]]]:
    """What is asked in one session, and which peers are asked the same."""
    alone = {family: ([family], peers) for family, peers in FAMILIES.items()}
    shared = {
        f"all that {peer} has": ([family for family, peers in FAMILIES.items() if peer in peers], (peer,))
        for peer in ("retentioneering", "pm4py")
    }
    return {**alone, **shared, "all": (list(FAMILIES), ())}


def ask(tool: str, log: Path, families: list[str]) -> Measurement:
    """Run one tool on a log."""
    python = sys.executable if tool == OURS else peers_python()
    command = [python, str(HERE / f"mine_by_{tool}.py"), str(log), *families]
    return measured(command, env={"PYTHONPATH": str(HERE.parent.parent)})
