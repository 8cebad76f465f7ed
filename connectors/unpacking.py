"""Files as streams of bytes, unpacked, that stop where they hold too much for what they are."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from connectors.errors import SourceChanged

MAX_RATIO = 100

FREE_BYTES = 10_000_000
"""A file may unpack to so many bytes whatever its size, and beyond that to MAX_RATIO times what was read of it."""
BUFFER_BYTES = 1_000_000


@contextmanager
def opened(path: Path, max_bytes: int) -> Iterator[io.BufferedReader]:
    with path.open("rb") as packed:
        unpacked = gzip.GzipFile(fileobj=packed) if path.suffix == ".gz" else packed
        yield io.BufferedReader(_Guarded(unpacked, packed, max_bytes), BUFFER_BYTES)


class _Guarded(io.RawIOBase):
    """A stream that stops where it has become too long, or far longer than what was read of the file."""

    def __init__(self, unpacked: io.BufferedIOBase, packed: BinaryIO, max_bytes: int) -> None:
        self.unpacked, self.packed, self.max_bytes, self.n_bytes = unpacked, packed, max_bytes, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        n = self.unpacked.readinto(buffer)
        self.n_bytes += n
        refuse_size(self.n_bytes, self.packed.tell(), self.max_bytes)
        return n


def refuse_size(n_unpacked: int, n_packed: int, max_bytes: int) -> None:
    if n_unpacked > max_bytes:
        raise SourceChanged(
            f"the file holds more than {max_bytes:,} bytes; split it, or raise `max_bytes` of this source."
        )
    if n_unpacked > max(FREE_BYTES, MAX_RATIO * n_packed):
        raise SourceChanged(
            f"the file unpacks to more than {MAX_RATIO} times its size, as an archive bomb does; "
            "if it is sound, unpack it and land that."
        )
