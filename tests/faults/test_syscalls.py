"""Every kind of system call that storage needs fails, or kills the process, at the N-th time: by strace."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.commands import finish
from tests.faults.conftest import copy
from tests.faults.proof import assert_one_whole_build, assert_recovered, current
from tests.faults.runs import journeys, log, said, start
from tests.faults.size import SOAK

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "unlink",
    "unlinkat",
    "mkdir",
    "symlink",
)
FAULTS = {"kill": "signal=SIGKILL", "full": "error=ENOSPC", "broken": "error=EIO", "forbidden": "error=EACCES"}
DONE = {
    "land": lambda root: (root / "landing" / "manifest.jsonl").read_bytes(),
    # What is built and not published yet has a name that readers do not see.
    "build": lambda root: max((root / "builds").iterdir(), key=lambda path: path.stat().st_mtime).name.lstrip("."),
    "publish": lambda root: current(root).name,
}
"""What tells that a command has done its work."""
N_POINTS = 16 * SOAK or 1
"""How many of the calls of one kind are hit, evenly spread: in a soak all but where files are opened or filled."""


def stop_until_traced() -> None:
    """Prepare a process for strace: one core, so that the engine works in one thread and calls can be counted."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.kill(os.getpid(), signal.SIGSTOP)


def traced(root: Path, command: str, *options: str) -> tuple[int | None, str]:
    """Run a command under strace; its exit code and the trace."""
    process = start(root, command, prepare=stop_until_traced)
    await_status(process.pid, "State:\tT")
    trace = log(root).with_suffix(".trace")
    strace = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", trace, "-p", str(process.pid), *options], stderr=subprocess.PIPE
    )
    try:
        await_status(process.pid, f"TracerPid:\t{strace.pid}")
        os.kill(process.pid or 0, signal.SIGCONT)
        return finish(process), trace.read_text()
    finally:
        process.kill()
        strace.communicate(timeout=10)


def await_status(pid: int | None, line: str) -> None:
    """Wait until the kernel says of a process what we wait for."""
    until = time.monotonic() + 20
    while line not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < until, f"never {line}"
        time.sleep(0.005)


@cache
def reason_to_skip() -> str | None:
    """Tell why processes cannot be traced on this machine, if so."""
    if not shutil.which("strace"):
        return "strace is not installed"
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return f"strace may not trace here: {tried.stderr.strip()}" if tried.returncode else None


@pytest.fixture(scope="module")
def ready(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each command a workspace in which it is next."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    landed = copy(yesterday, tmp_path_factory.mktemp("landed") / "shop")
    assert journeys(landed, "land") == 0
    built = copy(landed, tmp_path_factory.mktemp("built") / "shop")
    assert journeys(built, "build") == 0
    return {"land": yesterday, "build": landed, "publish": built}


@pytest.fixture(scope="module")
def n_calls(ready: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    """How often the busiest thread of each command makes each call."""
    counts = {}
    for command, workspace in ready.items():
        root = copy(workspace, tmp_path_factory.mktemp("counted") / "shop")
        code, trace = traced(root, command, "-e", f"trace={','.join(CALLS)}")
        assert code == 0, said(root)
        by_thread = Counter(re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE))
        counts[command] = Counter(
            {call: max(n for (_, other), n in by_thread.items() if other == call) for _, call in by_thread}
        )
    return counts


@pytest.mark.parametrize("fault", FAULTS if SOAK else ("kill", "full"))
@pytest.mark.parametrize("call", CALLS if SOAK else ("pwrite64", "rename"))
@pytest.mark.parametrize("command", DONE)
def test_a_system_call_that_fails_is_survived(
    command: str,
    call: str,
    fault: str,
    ready: dict[str, Path],
    n_calls: dict[str, Counter[str]],
    yesterday: Path,
    today: Path,
    tmp_path: Path,
    record_property,
) -> None:
    n = n_calls[command][call]
    points = sorted({1 + (n - 1) * place // max(N_POINTS - 1, 1) for place in range(N_POINTS)}) if n else []
    n_made = 0
    for number in points:
        root = copy(ready[command], tmp_path / f"shop{number}")
        code, trace = traced(root, command, "-e", f"trace={call}", "-e", f"inject={call}:{FAULTS[fault]}:when={number}")
        is_made = code == -signal.SIGKILL if fault == "kill" else "INJECTED" in trace
        # Which thread makes a call is not the same each time: then the N-th is never made, and the run is as any other.
        assert is_made or code == 0, said(root)
        n_made += is_made
        if code == 0:  # The call was one of those that may fail; then all the work is done.
            assert DONE[command](root) == DONE[command](today)
        assert_one_whole_build(root, yesterday, today)
        assert journeys(root) == 0, said(root)
        assert_recovered(root, today)
        shutil.rmtree(root)
    assert n_made or not points
    record_property("cells", n_made)
    record_property("possible", n)
