"""Read JSON lines some megabytes at a time: quick where nothing is odd, line by line where something is."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.delivery import MAX_DEPTH, MAX_RECORD_BYTES, RECORD_SCHEMA, text_records

BLOCK_BYTES = 16_000_000
BUFFER_BYTES = 1_000_000
PLAIN_BYTES = 1_000_000
PLAIN_BRACKETS = MAX_DEPTH
"""A line that is longer, or opens more brackets, is odd: it is looked at by itself."""

NO_BRACKET = bytes({*range(256)} - {*b"{[\n"})


def json_line_batches(stream: BinaryIO, beginning: bytes) -> Iterator[pa.RecordBatch]:
    """Yield the lines of a stream that are not blank, numbered and trimmed; `beginning` has been read of it already."""
    line_no = 1
    block = beginning if not beginning.endswith(b"\n") else beginning + _whole_lines(stream, BLOCK_BYTES)
    while block:
        starts = _line_starts(block)
        quick = _quick(line_no, block, starts)
        yield from [quick] if quick else _one_by_one(line_no, block)
        line_no += len(starts) - 1
        block = _whole_lines(stream, BLOCK_BYTES)


def _whole_lines(stream: BinaryIO, n_bytes: int) -> bytes:
    return stream.read(n_bytes) + _line(stream)


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield physical lines; of one that is longer than a record may be the beginning, one byte over the limit.

    >>> from io import BytesIO
    >>> [len(line) for line in lines(BytesIO(b"a" * 40_000_000 + b"\\nb\\n"))]
    [16000001, 2]
    """
    return iter(partial(_line, stream), b"")


def _line(stream: BinaryIO) -> bytes:
    line = rest = stream.readline(MAX_RECORD_BYTES + 1)
    if len(line) > MAX_RECORD_BYTES:
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(BUFFER_BYTES)
    return line


def _line_starts(block: bytes) -> npt.NDArray[np.int32]:
    """Where each line starts, and behind them where the last one ends."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    starts = np.zeros(len(ends) + 2, np.int32)
    starts[1:-1], starts[-1] = ends, len(block)
    return starts if block[-1:] != b"\n" else starts[:-1]


def _quick(line_no: int, block: bytes, starts: npt.NDArray[np.int32]) -> pa.RecordBatch | None:
    """Take the block as it is for the lines of a table; None when some line of it is odd."""
    lines = pa.StringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(block))
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return None
    n_brackets = max(map(len, block.translate(None, NO_BRACKET).split(b"\n")))
    if np.diff(starts).max() > PLAIN_BYTES or n_brackets > PLAIN_BRACKETS:
        return None
    numbers = pa.array(np.arange(line_no, line_no + len(lines)))
    trimmed = pc.ascii_trim_whitespace(lines)
    batch = pa.record_batch([numbers, trimmed, pa.nulls(len(lines), pa.string())], schema=RECORD_SCHEMA)
    lengths = pc.binary_length(trimmed)
    return batch if pc.min(lengths).as_py() else batch.filter(pc.greater(lengths, 0))


def _one_by_one(line_no: int, block: bytes) -> list[pa.RecordBatch]:
    numbered = enumerate(map(_stripped, block.split(b"\n")), line_no)
    return list(text_records((number, text) for number, text in numbered if text).to_batches())


def _stripped(line: bytes) -> bytes:
    return line if len(line) > MAX_RECORD_BYTES else line.strip()
