"""Measure land, build, mine and publish, each as a process of its own with its peak memory; write benchmarks/RESULTS.md.

make bench                                    the GA4 set (if JOURNEYS_DATA has it), 1 and 10 million demo events
.venv/bin/python benchmarks/run.py --events 1000000
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
WORK = HERE / "work"
STEPS = ("land", "build", "mine", "publish")


def quiet(_: str) -> None:
    """Say nothing."""


def main() -> None:
    """Run what was asked for and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, action="append", help="size of a demo to measure; may be repeated")
    parser.add_argument("--step", nargs=3, metavar=("STEP", "WORKSPACE", "EVENTS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(measure(given.step[0], Path(given.step[1]), int(given.step[2]))))
        return
    rows = []
    if not given.events and (Path(os.environ.get("JOURNEYS_DATA", "")) / "ga4").is_dir():
        rows.append(measured("GA4, 32 days", WORK / "merchandise_store", 0))
    for n_events in given.events or (1_000_000, 10_000_000):
        rows.append(measured(f"demo, {n_events:,} web events", WORK / f"demo_{n_events}", n_events))
    (HERE / "RESULTS.md").write_text(table(rows))
    print(table(rows))


def measured(title: str, workspace: Path, n_events: int) -> dict[str, object]:
    """Measure the four steps on a fresh workspace, one process each."""
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    prepare(workspace, n_events)
    row: dict[str, object] = {"title": title}
    for step in STEPS:
        command = [sys.executable, str(Path(__file__)), "--step", step, str(workspace), str(n_events)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{title}, {step}: {done.stderr[-2000:]}")
        row |= {f"{step} {key}": value for key, value in json.loads(done.stdout.splitlines()[-1]).items()}
        print(f"{title}: {step} {row[f'{step} seconds']} s", flush=True)
    shutil.rmtree(workspace)
    return row


def prepare(workspace: Path, n_events: int) -> None:
    """Put the inputs in place, outside what is measured."""
    from connectors.keys import make_key
    from pipelines.demo.tour import invent
    from pipelines.workspace import Workspace

    make_key(workspace / "journeys.key")
    if n_events:
        invent(Workspace(workspace), n_events, 7, quiet)
    else:
        shutil.copytree(ROOT / "examples" / "merchandise_store", workspace, dirs_exist_ok=True)


def measure(step: str, root: Path, n_events: int) -> dict[str, object]:
    """Do one step and say how long it took and what it needed at most."""
    from pipelines.build import build, inputs
    from pipelines.collect import land_sources
    from pipelines.definition import load
    from pipelines.mining import mine
    from pipelines.publish import publish, write_outputs
    from pipelines.workspace import Workspace

    workspace = Workspace(root)
    counts: dict[str, object] = {}
    with sources(root, n_events) as overrides:
        definition = load(workspace.definition, overrides)
        started = time.perf_counter()
        if step == "land":
            counts["records"] = land_sources(workspace, definition, quiet).n_accepted
        else:
            given = inputs(workspace, definition)
            folder = workspace.builds / f".{given.build_id}"
            if step == "build":
                build(workspace, definition, given, quiet)
            elif step == "mine":
                started = time.perf_counter()
                again(folder / "journeys.duckdb", mine)
            else:
                started = time.perf_counter()
                write_outputs(folder, quiet)
                publish(workspace, folder, given.build_id)
    seconds = round(time.perf_counter() - started, 1)
    return {"seconds": seconds, "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, **counts}


def again(database: Path, mine: object) -> None:
    """Mine once more, on a copy: the build has done it already."""
    import duckdb

    copy = database.with_name("mine.duckdb")
    shutil.copy(database, copy)
    con = duckdb.connect(str(copy))
    con.execute("DROP TABLE pain_points").fetchall()
    mine(con)  # type: ignore[operator]
    con.close()
    copy.unlink()


@contextmanager
def sources(root: Path, n_events: int) -> Iterator[dict[str, str]]:
    """Start the demo's APIs where there is a demo."""
    from pipelines.demo.tour import apis

    if n_events:
        with apis(root / "shop") as overrides:
            yield overrides
    else:
        yield {}


def table(rows: list[dict[str, object]]) -> str:
    """Write the rows as Markdown."""
    lines = [
        "# Benchmark",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores. Seconds of wall time, and the peak memory of the process in MB.",
        "",
        "| data | records | " + " | ".join(f"{step} s | {step} MB" for step in STEPS) + " |",
        "|---|---:|" + "---:|---:|" * len(STEPS),
    ]
    for row in rows:
        cells = " | ".join(f"{row[f'{step} seconds']} | {row[f'{step} MB']}" for step in STEPS)
        lines.append(f"| {row['title']} | {row['land records']:,} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
