"""Read JSON lines some megabytes at a time: quick where nothing is odd, line by line where something is."""

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.delivery import RECORD_SCHEMA, text_records
from connectors.lines import lines, trimmed

BLOCK_BYTES = 4_000_000
PLAIN_BYTES = 1_000_000
PLAIN_BRACKETS = 64
"""A line that is longer, or opens more brackets, is odd: it is looked at by itself."""

NO_BRACKET = bytes({*range(256)} - {*b"{[\n"})


def json_line_batches(stream: BinaryIO, beginning: bytes) -> Iterator[pa.RecordBatch]:
    """Yield the lines of a stream that are not blank, numbered and trimmed; `beginning` has been read of it already."""
    line_no, block = 1, beginning
    while block := block + _whole_lines(stream, BLOCK_BYTES - len(block)):
        starts = _line_starts(block)
        quick = _quick(line_no, block, starts)
        yield from [quick] if quick else _one_by_one(line_no, block)
        line_no += len(starts) - 1
        block = b""


def _whole_lines(stream: BinaryIO, n_bytes: int) -> bytes:
    return stream.read(max(0, n_bytes)) + next(lines(stream), b"")


def _line_starts(block: bytes) -> npt.NDArray[np.int32]:
    """Where each line starts, and behind them where the last one ends."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    starts = np.zeros(len(ends) + 2, np.int32)
    starts[1:-1], starts[-1] = ends, len(block)
    return starts if block[-1:] != b"\n" else starts[:-1]


def _quick(line_no: int, block: bytes, starts: npt.NDArray[np.int32]) -> pa.RecordBatch | None:
    """Take the block as it is for the lines of a table; None when some line of it is odd."""
    texts = pa.StringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(block))
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return None
    n_brackets = max(map(len, block.translate(None, NO_BRACKET).split(b"\n")))
    if np.diff(starts).max() > PLAIN_BYTES or n_brackets > PLAIN_BRACKETS:
        return None
    numbers = pa.array(np.arange(line_no, line_no + len(texts)))
    stripped = pc.ascii_trim_whitespace(texts)
    batch = pa.record_batch([numbers, stripped, pa.nulls(len(texts), pa.string())], schema=RECORD_SCHEMA)
    lengths = pc.binary_length(stripped)
    return batch if pc.min(lengths).as_py() else batch.filter(pc.greater(lengths, 0))


def _one_by_one(line_no: int, block: bytes) -> list[pa.RecordBatch]:
    numbered = enumerate(block.split(b"\n"), line_no)
    table = text_records((number, text) for number, line in numbered if (text := trimmed(line)))
    return list(table.to_batches())
