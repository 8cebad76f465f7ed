"""Publish a build: its tables as Parquet, its pages, and the one pointer that readers follow."""

import json
import os
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from connectors import manifest
from connectors.durable import failpoint, put, sync, write
from connectors.engine import connect, run
from connectors.manifest import sha256_of
from pipelines.errors import is_damage
from pipelines.journey_flow import journey_flow
from pipelines.journey_map import journey_map
from pipelines.kpi_board import kpi_board
from pipelines.say import Say
from pipelines.warehouse import MEMORY_LIMIT, reading
from pipelines.withheld import shared_kpis
from pipelines.workspace import Workspace, build_id_of, remove_build

KEPT_BUILDS = 3
REPORTS = {"journey_map": journey_map, "journey_flow": journey_flow, "kpi_board": kpi_board}
"""Every page by its file name; a new one is one more line."""


def write_outputs(folder: Path, say: Say, memory_limit: str = MEMORY_LIMIT) -> None:
    """Write kpis/ and reports/ of a build from its database."""
    for name in ("kpis", "reports"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    with reading(folder, memory_limit) as con:
        metadata = {"build_id": run(con, "SELECT build_id FROM build")[0][0]}
        for name, table in kpi_files(con).items():
            staged = folder / "kpis" / f".{name}.parquet.tmp"
            pq.write_table(table.replace_schema_metadata(metadata), staged, compression="zstd")
            put(staged, folder / "kpis" / f"{name}.parquet")
        failpoint("P4")
        for name, page in REPORTS.items():
            say(f"report {name}")
            write(folder / "reports" / f"{name}.html", page(con).encode())
            failpoint("P5")
    _list(folder)


def _list(folder: Path) -> None:
    """Write the list of what leaves the workspace, with its bytes; the database has checksums of its own in every block."""
    files = [
        {"path": str(path.relative_to(folder)), "n_bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.glob("*/[!.]*"))
    ]
    write(folder / "manifest.json", json.dumps({"files": files}, indent=1).encode())


def kpi_files(con: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """The tables that leave as Parquet: KPIs less what is about too few people, and how many rows that is."""
    shared = shared_kpis(con)
    shapes = {name: con.table(name).limit(0).to_arrow_table().schema for name in shared.n_withheld}
    shapes["kpi_status"] = shapes["kpi_status"].append(pa.field("is_withheld", pa.bool_()))
    told = {"kpi_daily": shared.daily, "kpi_weekly": shared.weekly, "kpi_status": shared.status}
    counts = [{"table_name": name, "n_withheld": n} for name, n in shared.n_withheld.items()]
    return {name: pa.Table.from_pylist(told[name], schema) for name, schema in shapes.items()} | {
        "withheld": pa.Table.from_pylist(counts, pa.schema([("table_name", pa.string()), ("n_withheld", pa.int64())]))
    }


def publish(workspace: Workspace, folder: Path, build_id: str) -> Path:
    """Give a finished build its name and let `current` point to it, in one atomic step.

    Where readers see a build of this id already, the new one lies beside it until they do not.
    """
    if (folder / "journeys.duckdb.wal").exists():
        raise RuntimeError(f"{folder} was not closed cleanly")
    failpoint("P1")
    _remove_unseen(workspace)
    sync(folder / "journeys.duckdb")
    failpoint("P2")
    is_seen = workspace.current.resolve().name == build_id
    final = workspace.builds / (f"{build_id}.again" if is_seen else build_id)
    remove_build(final)
    os.replace(folder, final)
    failpoint("P3")
    sync(workspace.builds)
    pointer = workspace.root / ".current.tmp"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(Path("builds") / final.name)
    failpoint("P6")
    os.replace(pointer, workspace.current)
    sync(workspace.root)
    failpoint("P7")
    return final


def _remove_unseen(workspace: Workspace) -> None:
    """Remove builds that were given their names and never shown: a run was killed in between, and no build follows on them."""
    current = workspace.builds / workspace.current.resolve().name
    if workspace.current.exists():
        for folder in workspace.builds.glob("[!.]*"):
            if folder != current and folder.stat().st_mtime > current.stat().st_mtime:
                remove_build(folder)


def sweep(workspace: Workspace) -> None:
    """Remove what nobody can see: unfinished builds, all but the last published ones, landed files no manifest lists, spill.

    A build that cannot be read, or was made anew, being wrong, goes at once.
    """
    failpoint("H1")
    current = workspace.builds / workspace.current.resolve().name  # the workspace may be named relative to where we are
    finished = sorted(workspace.builds.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    expiry = manifest.read_expiry(workspace.landing)
    replaced = [path for path in finished if path != current and build_id_of(path) == build_id_of(current)]
    for place, old in enumerate([path for path in finished if path != current and path not in replaced], 1):
        if place >= KEPT_BUILDS or not _may_stay(old, expiry.expired_before if expiry else None):
            remove_build(old)
            failpoint("H2")
    for unseen in [*replaced, *workspace.builds.glob(".*")]:
        remove_build(unseen)
        failpoint("H2")
    for stray in _strays(workspace.landing):
        stray.unlink()
    shutil.rmtree(workspace.landing / ".spill", ignore_errors=True)
    shutil.rmtree(workspace.scratch, ignore_errors=True)
    failpoint("H3")


def _may_stay(folder: Path, expired_before: datetime | None) -> bool:
    """Tell whether a build can be read, and holds no event of before an instant (UTC), if one is given."""
    try:
        with closing(connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)) as con:
            return not run(
                con, "SELECT 1 FROM events WHERE occurred_at < $instant LIMIT 1", {"instant": expired_before}
            )
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        return False


def _strays(landing: Path) -> list[Path]:
    """Find what a killed landing left: files written aside, files no manifest lists."""
    finished = {*landing.glob("*/[0-9]*.parquet"), *landing.glob(manifest.FROZEN_KPIS)}
    return [
        *(finished - manifest.listed(landing, manifest.read(landing))),
        *landing.rglob(".*.tmp"),
    ]
