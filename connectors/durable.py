"""Files that are whole or not there: write aside, fsync, rename, fsync the folder. And the failpoints of it."""

import os
from pathlib import Path
from typing import BinaryIO


def failpoint(name: str) -> None:
    """Die here, as if by SIGKILL, when the environment variable JOURNEYS_FAILPOINT names this point: for tests."""
    if os.environ.get("JOURNEYS_FAILPOINT") == name:
        os.kill(os.getpid(), 9)


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
    """Write a whole file atomically and durably, readable by its owner only."""
    staged = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    staged.write_bytes(content)
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
