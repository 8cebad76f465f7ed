"""Physical lines, never longer in memory than a record may be."""

from collections.abc import Iterator
from typing import BinaryIO

from connectors.delivery import MAX_RECORD_BYTES

SKIPPED_BYTES = 1_000_000


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield physical lines; of one that is longer than a record may be the beginning, a little over the limit.

    >>> from io import BytesIO
    >>> [len(line) for line in lines(BytesIO(b"a" * 40_000_000 + b"\\nb\\n"))]
    [16000002, 2]
    """
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        if len(line) > MAX_RECORD_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(SKIPPED_BYTES)) and not rest.endswith(b"\n"):
                pass
            line += b"\n"
        yield line


def trimmed(line: bytes) -> bytes:
    """Strip white space; a line that is too long stays so."""
    return line if len(line) > MAX_RECORD_BYTES else line.strip()
