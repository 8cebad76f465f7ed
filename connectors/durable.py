"""Files that are whole or not there: write aside, fsync, rename, fsync the folder. And the failpoints of it."""

import errno
import os
import signal
import time
from pathlib import Path
from typing import BinaryIO

FAILPOINTS = {
    "L1": "the records of an input can be read",
    "L2": "its records are judged, nothing is written",
    "L3": "a landed file is written aside, unchecked",
    "L4": "its rows are counted",
    "L5": "its bytes are hashed, it has no name yet",
    "L6": "it has its name, the manifest does not list it",
    "L7": "all files of a delivery are there, the manifest is the old one",
    "L8": "the manifest lists the delivery",
    "D1": "the file of a new build is open and empty",
    "D": "one table is made; D:sessions is the point after the table sessions",
    "D6": "the checks passed",
    "D7": "the file of the build is complete, and open",
    "P4": "the tables that leave are written, no page is",
    "P5": "one page is written",
    "P1": "the build is complete, not yet flushed",
    "P2": "it is flushed, under the name that no reader sees",
    "P3": "it has its name, readers still see the old one",
    "P6": "the new pointer is made, aside",
    "P7": "readers see the new build",
    "H1": "nothing is swept yet",
    "H2": "a folder that no reader sees is gone, others wait",
    "H3": "all is swept",
    "E1": "the tombstones of a person are written, nothing else is changed",
    "E2": "the manifest lists files without them",
    "E3": "readers see a build without them",
    "E4": "older builds are removed, superseded landed files are not",
    "X1": "the KPIs of expiring days are in a file that nothing lists, no landed file is changed",
    "X2": "the manifest lists files without what has expired",
    "K1": "a new key is written aside",
    "K2": "the new key is in place",
}
"""What has just happened when a run passes each point. The names are an interface: tests and operators use them."""

KINDS = ("kill", "term", "int", "enospc", "eio", "memory", "error")


def failpoint(name: str) -> None:
    """Fail here when JOURNEYS_FAILPOINT is NAME or NAME:KIND, for tests: by a signal, a full disk, a bad one ...

    KIND is kill (the default), term, int, enospc, eio, memory or error.

    >>> os.environ["JOURNEYS_FAILPOINT"] = "L5:enospc"
    >>> failpoint("L4")
    >>> failpoint("L5")
    Traceback (most recent call last):
    OSError: [Errno 28] No space left on device: 'failpoint L5'
    >>> del os.environ["JOURNEYS_FAILPOINT"]
    """
    if os.environ.get("JOURNEYS_FAILPOINT", "") in (name, *(f"{name}:{kind}" for kind in KINDS)):
        _fail(name, os.environ["JOURNEYS_FAILPOINT"].removeprefix(name).removeprefix(":"))


def _fail(name: str, kind: str) -> None:
    match kind:
        case "term" | "int":
            os.kill(os.getpid(), signal.SIGTERM if kind == "term" else signal.SIGINT)
            for _ in range(1000):  # In short sleeps, between which whoever owns the signals can stop this thread.
                time.sleep(0.01)
        case "enospc" | "eio":
            number = errno.ENOSPC if kind == "enospc" else errno.EIO
            raise OSError(number, os.strerror(number), f"failpoint {name}")
        case "memory":
            raise MemoryError(f"failpoint {name}")
        case "error":
            raise RuntimeError(f"failpoint {name}")
        case _:
            os.kill(os.getpid(), signal.SIGKILL)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put(staged: Path, final: Path) -> None:
    """Give a finished file its final name, atomically and durably; readers see the old one or the new one."""
    staged.chmod(0o600)
    sync(staged)
    os.replace(staged, final)
    sync(final.parent)


def write(path: Path, content: bytes) -> None:
    """Write a whole file atomically and durably, readable by its owner only; one writer at a time."""
    staged = path.with_name(f".{path.name}.tmp")  # Always this name: what a killed writer left is written over.
    staged.unlink(missing_ok=True)
    with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
    put(staged, path)


def append(path: Path, line: bytes) -> None:
    """Add a line to a file and flush it; what a killed run left of a line that never ended is cut off first."""
    with path.open("r+b") as stream:
        stream.truncate(_end_of_last_line(stream))
        stream.seek(0, os.SEEK_END)
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def _end_of_last_line(stream: BinaryIO, block: int = 65_536) -> int:
    """Where the last whole line ends, looking backwards, for files grow long."""
    end = stream.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - block)
        stream.seek(start)
        if (found := stream.read(end - start).rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0
