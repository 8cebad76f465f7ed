"""The steps that are measured, each run as `python -m benchmarks.steps STEP WORKSPACE`; the last line says how it went."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import stopwatch
from connectors import manifest
from connectors.engine import connect, run
from connectors.schema import EVENT_SCHEMA
from pipelines.build import build, inputs
from pipelines.definition import load
from pipelines.publish import publish, write_outputs
from pipelines.workspace import Workspace, published

WHOSE = "coalesce(user_id, email_key, phone_key, device_id, order_id, ticket_id)"
"""Stands for the person, who is not known before identifiers are joined."""


class Laps:
    """Takes the lines of progress and the time each was said: how long what it announces went on."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.lines: list[tuple[float, str]] = []

    def say(self, line: str) -> None:
        seconds = time.perf_counter() - self.started
        self.lines.append((seconds, line))
        print(f"{seconds:8.1f} {line}", file=sys.stderr)  # What it was doing is shown where it fails.

    def seconds(self) -> dict[str, float]:
        """Seconds by the first two words of a line, `build events`."""
        ends = [at for at, _ in self.lines[1:]] + [time.perf_counter() - self.started]
        laps: dict[str, float] = {}
        for (at, line), end in zip(self.lines, ends, strict=True):
            name = " ".join(line.split()[:2])
            laps[name] = round(laps.get(name, 0) + end - at, 3)
        return laps


def measure_build(workspace: Workspace, memory: str, full: bool) -> dict[str, Any]:
    """Build what has landed, and publish its tables without pages, for the next build to begin from."""
    definition = load(workspace.definition)
    laps = Laps()
    with stopwatch() as took:
        given = inputs(workspace, definition)
        folder = build(workspace, definition, given, laps.say, memory, is_full=full)
    seconds_by_lap = laps.seconds()
    file = publish(workspace, folder, given.build_id) / "journeys.duckdb"
    return {**took, "file_mb": file.stat().st_size / 1e6, "laps": seconds_by_lap}


def measure_limit(workspace: Workspace, memory: str, full: bool) -> dict[str, Any]:
    """Only read and sort, once: the landed columns that `events` carries, by whom the event names and its time.

    The table is written into a DuckDB file with the settings of a build.
    """
    del full
    con = connect(published(workspace) / "journeys.duckdb", read_only=True)
    carried = {row[0] for row in run(con, "DESCRIBE events")}
    con.close()
    columns = ", ".join(name for name in EVENT_SCHEMA.names if name in carried)
    files = [str(workspace.landing / entry.events.path) for entry in manifest.read(workspace.landing) if entry.events]
    folder = workspace.root / "limit"
    (folder / ".spill").mkdir(parents=True, exist_ok=True)
    (folder / "limit.duckdb").unlink(missing_ok=True)
    with stopwatch() as took:
        con = connect(
            folder / "limit.duckdb", allowed=[workspace.landing], spill=folder / ".spill", memory_limit=memory
        )
        sql = f"CREATE TABLE sorted AS SELECT {columns} FROM read_parquet($files) ORDER BY {WHOSE}, occurred_at"
        run(con, sql, {"files": files})
        n_events = run(con, "SELECT count(*) FROM sorted")[0][0]
        con.close()
    return {**took, "n_events": n_events, "file_mb": (folder / "limit.duckdb").stat().st_size / 1e6}


def measure_pages(workspace: Workspace, memory: str, full: bool) -> dict[str, Any]:
    """Write the pages and the KPI files of the published build once more."""
    del full
    with stopwatch() as took:
        write_outputs(published(workspace), lambda _: None, memory)
    return took


STEPS: dict[str, Callable[[Workspace, str, bool], dict[str, Any]]] = {
    "build": measure_build,
    "limit": measure_limit,
    "pages": measure_pages,
}


def main() -> None:
    """Do one step and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args()
    print(json.dumps(STEPS[given.step](Workspace(given.workspace), given.memory, given.full)))


if __name__ == "__main__":
    main()
