"""Measure one command as a process of its own: how long, how much memory at most, how much it spilled to disk."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Measurement:
    """What one process took: seconds of wall and of processor time as it says itself, without its start; the rest as
    seen from outside, in MB."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    spill_mb: float
    said: dict[str, Any]


@contextmanager
def stopwatch() -> Iterator[dict[str, Any]]:
    """Take wall time and the processor time of all threads, both in seconds."""
    took: dict[str, Any] = {}
    started, cpu_started = time.perf_counter(), time.process_time()
    yield took
    took |= {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu_started}


def measured(command: list[str], workspace: Path | None = None, env: dict[str, str] | None = None) -> Measurement:
    """Run a command that ends by printing one line of JSON with `seconds` and `cpu_seconds`; watch it, and what it spills in a workspace.

    Memory is the larger of the process's own high-water mark and what it and its children held at any one look. (What the
    kernel tells at the end begins with what the process that started it held.)
    Raises SystemExit with the end of what it wrote when it fails.
    """
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, **(env or {})}
        )
        peak, spill, ended = 0, 0, 0
        while not ended:
            peak = max(peak, resident(process.pid), high_water(process.pid))
            spill = max(spill, spilled(workspace))
            time.sleep(POLL_SECONDS)
            ended, status = os.waitpid(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().strip().splitlines()
    if process.returncode:
        end = "\n".join(lines[-30:])
        raise SystemExit(f"{' '.join(command)} failed ({process.returncode}):\n{end}")
    said = json.loads(lines[-1])
    return Measurement(said["seconds"], said["cpu_seconds"], peak / 1e6, spill / 1e6, said)


def resident(pid: int) -> int:
    """Bytes that a process and its children hold in memory now; 0 when it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for child in children)


def high_water(pid: int) -> int:
    """Bytes that a process has held at most since it began to run its program; 0 when it has ended."""
    try:
        (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    except (OSError, ValueError):
        return 0
    return int(line.split()[1]) * 1024


def spilled(workspace: Path | None) -> int:
    """Bytes on the disk in the folders where a build, or the limit, puts what does not fit in memory."""
    total = 0
    for pattern in ("builds/.*/.spill/*", "limit/.spill/*"):
        for path in workspace.glob(pattern) if workspace else ():
            with suppress(FileNotFoundError):
                total += path.stat().st_blocks * 512
    return total


def step(name: str, workspace: Path, *options: str) -> list[str]:
    """The command that runs one step of benchmarks/steps.py."""
    return [sys.executable, "-m", "benchmarks.steps", name, str(workspace), *options]


def middle(measurements: list[Measurement]) -> Measurement:
    """The median of each figure; what was said is that of the run with the median time."""
    ordered = sorted(measurements, key=lambda one: one.seconds)
    return Measurement(
        median(one.seconds for one in ordered),
        median(one.cpu_seconds for one in ordered),
        median(one.peak_mb for one in ordered),
        median(one.spill_mb for one in ordered),
        ordered[len(ordered) // 2].said,
    )
