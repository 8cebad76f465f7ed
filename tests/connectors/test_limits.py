"""Input that is far too large stops early: in seconds and in a few hundred megabytes; and raw bytes stay recoverable."""

import gzip
import io
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.delivery import escaped, unescaped
from tests.connectors.lands import CLICKS, Shop

HEAD = b"what,seen,who\n"
GOOD = b"view,2024-05-01,ann\n"
LINE = b'{"what": "view", "seen": "2024-05-01", "who": "ann"}\n'
MB = 10**6

LIMITED = r"""
import re, sys
from pathlib import Path
from tests.connectors.lands import Shop
try:
    print(Shop(Path(sys.argv[1])).land())
except Exception as error:
    print(error)
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1000)
"""
"""Not `ru_maxrss`: a process inherits that of the one it was started by, here of all tests before."""


def packed(head: bytes, part: bytes, n: int) -> bytes:
    """Gzip a head and a part repeated n times, without ever holding it unpacked."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6) as stream:
        stream.write(head)
        for _ in range(n):
            stream.write(part)
    return target.getvalue()


def rows_of_one_value(n_rows: int) -> bytes:
    target = io.BytesIO()
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_rows, np.int8)), pa.array(["2024-05-01"]))
    pq.write_table(pa.table({"what": text, "seen": text, "who": text}), target, row_group_size=n_rows)
    return target.getvalue()


BOMBS = {
    "rows.csv.gz": lambda: packed(HEAD, GOOD * 50_000, 200),
    "lines.jsonl.gz": lambda: packed(LINE, b"1\n" * 500_000, 200),
    "blank.jsonl.gz": lambda: packed(LINE, b"\n" * MB, 200),
    "line.jsonl.gz": lambda: packed(LINE, b" " * MB, 300),
    "array.json.gz": lambda: packed(b"[", b"1," * 500_000, 200),
    "header.csv.gz": lambda: packed(b"", b"a" * MB, 300),
    "quote.csv.gz": lambda: packed(HEAD + b'"', b"a\n" * 500_000, 200),
    "same.parquet": lambda: rows_of_one_value(20 * MB),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_within_seconds_and_megabytes(tmp_path: Path, name: str) -> None:
    shop = Shop(tmp_path)
    path = shop.put(name.replace(".gz", ".raw"), b"")
    path.rename(path.with_name(name)).write_bytes(BOMBS[name]())
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    took = time.monotonic() - began
    said, megabytes = done.stdout.splitlines()
    assert said.startswith(f"sources.web: {name}: the file unpacks to more than 100 times its size")
    assert int(megabytes) < 500
    assert took < 15  # of which most is starting Python, on a busy machine
    assert shop.entries() == ()


def test_a_bomb_behind_a_sound_beginning_is_refused_too(tmp_path: Path) -> None:
    sound = HEAD + b"".join(b"view,2024-05-01,%d\n" % n for n in range(20_000))
    shop = Shop(tmp_path)
    path = shop.put("a.csv", b"")
    path.rename(path.with_name("a.csv.gz")).write_bytes(packed(sound, GOOD * 50_000, 60))
    assert "unpacks to more than 100 times its size" in shop.refusal("b.csv", HEAD + GOOD)


def test_a_well_packed_small_file_lands(tmp_path: Path) -> None:
    assert Shop(tmp_path).send("a.csv.gz", HEAD + GOOD * 100_000) == {"accepted": 100_000}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_a_file_over_the_bytes_that_its_source_allows_is_refused(tmp_path: Path, name: str) -> None:
    shop = Shop(tmp_path, {**CLICKS, "max_bytes": 100})
    table = pa.table({"what": ["view"] * 99, "seen": ["2024-05-01"] * 99, "who": [str(n) for n in range(99)]})
    said = shop.refusal(name, table if name == "a.parquet" else HEAD + GOOD * 9)
    assert said == (
        f"sources.web: {name}: the file holds more than 100 bytes; split it, or raise `max_bytes` of this source."
    )


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_of_more_than_two_thousand_columns_is_refused(tmp_path: Path, name: str) -> None:
    names = ["what", "seen", "who", *(f"c{n}" for n in range(1_998))]
    content = pa.table({each: ["1"] for each in names}) if name == "a.parquet" else ",".join(names) + "\n"
    assert "the file has 2,001 columns, and more than 2,000 are no table of events" in Shop(tmp_path).refusal(
        name, content
    )


class TestLongLines:
    @pytest.mark.parametrize("n_bytes", [17 * MB, 40 * MB])
    def test_cost_themselves_in_json(self, tmp_path: Path, n_bytes: int) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", LINE + LINE.replace(b"ann", b"a" * n_bytes) + LINE) == {
            "accepted": 2,
            "quarantined line_too_long": 1,
        }
        [(line_no, raw)] = shop.quarantine("line_no, raw")
        assert line_no == 2
        assert raw.startswith(LINE[:40].decode())
        assert len(raw) < 10_100

    @pytest.mark.parametrize("letter", ["a", "ä"])
    def test_cost_themselves_in_csv(self, tmp_path: Path, letter: str) -> None:
        shop = Shop(tmp_path)
        long = f"view,2024-05-01,{letter * (17 * MB // len(letter.encode()))}\n".encode()
        assert shop.send("a.csv", HEAD + GOOD + long + GOOD) == {"accepted": 2, "quarantined line_too_long": 1}
        assert shop.quarantine("line_no, length(raw) < 10100") == [(3, True)]

    def test_with_one_beginning_are_two_records(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        for name, rest in (("a.csv", b"x"), ("b.csv", b"y")):
            sent = shop.send(name, HEAD + b"view,2024-05-01," + b"a" * 20_000 + rest * 16 * MB + b"\n")
            assert sent == {"quarantined line_too_long": 1}
        assert len(shop.quarantine()) == 2

    def test_below_the_limit_are_lines_like_any(self, tmp_path: Path) -> None:
        assert Shop(tmp_path).send("a.jsonl", LINE.replace(b"ann", b"a" * 15 * MB)) == {"accepted": 1}


class TestRawBytes:
    @given(st.binary(max_size=30))
    def test_of_the_quarantine_can_be_had_back(self, line: bytes) -> None:
        assert unescaped(escaped(line)) == line

    @pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
    def test_that_are_not_utf8_are_kept_to_the_last(self, tmp_path: Path, name: str) -> None:
        line = rb'view,\xe9,"Andr' + b"\xe9\xff\x80 \xc3\xa9" + rb"\n"
        shop = Shop(tmp_path)
        shop.send(name, (HEAD if name == "a.csv" else b"") + line + b"\n")
        [(reason, raw)] = shop.quarantine("reason, raw")
        assert (reason, unescaped(raw)) == ("not_utf8", line)
