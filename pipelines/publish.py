"""Publish a build: its tables as Parquet, its pages, and the one pointer that readers follow."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.durable import failpoint, put, sync, write
from connectors.engine import connect
from pipelines.journey_flow import journey_flow
from pipelines.journey_map import journey_map
from pipelines.kpi_board import kpi_board
from pipelines.privacy import least_people, withhold
from pipelines.workspace import Workspace

Say = Callable[[str], None]
KEPT_BUILDS = 3
REPORTS = {"journey_map": journey_map, "journey_flow": journey_flow, "kpi_board": kpi_board}
"""Every page by its file name; a new one is one more line."""
SHARED = {"kpi_daily": ("kpi", "day"), "kpi_weekly": ("kpi", "week_on"), "kpi_status": ("kpi", "period")}
"""Tables that leave as Parquet too, each with the keys within which personas add up; cells about too few people are empty."""


def write_outputs(folder: Path, say: Say) -> None:
    """Write kpis/ and reports/ of a build from its database."""
    for name in ("kpis", "reports"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        for table, over in SHARED.items():
            staged = folder / "kpis" / f".{table}.parquet.tmp"
            ordered = con.table(table).order("ALL").to_arrow_table()
            told = withhold(ordered.to_pylist(), over, least_people(con))
            pq.write_table(
                pa.Table.from_pylist(told, ordered.schema.append(pa.field("is_withheld", pa.bool_()))),
                staged,
                compression="zstd",
            )
            put(staged, folder / "kpis" / f"{table}.parquet")
        failpoint("P4")
        for name, page in REPORTS.items():
            say(f"report {name}")
            write(folder / "reports" / f"{name}.html", page(con).encode())
            failpoint("P5")
    finally:
        con.close()


def publish(workspace: Workspace, folder: Path, build_id: str) -> Path:
    """Give a finished build its name and let `current` point to it, in one atomic step."""
    if (folder / "journeys.duckdb.wal").exists():
        raise RuntimeError(f"{folder} was not closed cleanly")
    sync(folder / "journeys.duckdb")
    failpoint("P1")
    final = workspace.builds / build_id
    if final.exists() and final != workspace.current.resolve():
        shutil.rmtree(final)
    os.replace(folder, final)
    failpoint("P2")
    sync(workspace.builds)
    pointer = workspace.root / ".current.tmp"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(Path("builds") / build_id)
    failpoint("P6")
    os.replace(pointer, workspace.current)
    sync(workspace.root)
    failpoint("P7")
    return final


def sweep(workspace: Workspace) -> None:
    """Remove what no reader can see: unfinished builds, and all but the last published ones."""
    current = workspace.current.resolve()
    for unfinished in workspace.builds.glob(".*"):
        shutil.rmtree(unfinished)
    finished = sorted(workspace.builds.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in finished if path != current][KEPT_BUILDS - 1 :]:
        shutil.rmtree(old)
