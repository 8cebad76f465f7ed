"""Readers poll while runs are killed at random moments: not one of them sees a torn build."""

import hashlib
import random
import time
from functools import partial
from pathlib import Path

import pytest

from connectors.engine import connect, run
from tests.commands import CONTEXT, finish
from tests.faults.proof import assert_one_whole_build, assert_recovered, current
from tests.faults.runs import journeys, start
from tests.faults.size import rounds

N_READERS = 4
Seen = tuple[str, str, int]
"""A build as a reader sees it: its name, a hash of its Parquet files and pages, its number of events."""


def seen(root: Path) -> Seen:
    """Read the build that `current` shows."""
    folder = current(root)
    pages = sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".parquet"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in pages)).hexdigest()
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        build_id, n_events = run(con, "SELECT build_id, (SELECT count(*) FROM events) FROM build")[0]
    finally:
        con.close()
    assert build_id == folder.name
    return build_id, digest, n_events


def poll(root: Path, wholes: set[Seen]) -> None:
    """Read again and again until told to stop; any other build than those given is an error."""
    while not (root / "stop").exists():
        assert seen(root) in wholes


@pytest.mark.parametrize("number", rounds(2, 100))
def test_readers_never_see_a_torn_build(number: int, root: Path, yesterday: Path, today: Path) -> None:
    wholes = {seen(yesterday), seen(today)}
    readers = [CONTEXT.Process(target=poll, args=(root, wholes), daemon=True) for _ in range(N_READERS)]
    for reader in readers:
        reader.start()
    process = start(root, prepare=partial(time.sleep, 0.2))
    time.sleep(0.2 + random.Random(number).uniform(0, 2.5))
    process.kill()
    assert finish(process) in (-9, 0)
    assert_one_whole_build(root, yesterday, today)
    assert journeys(root) == 0
    (root / "stop").touch()
    assert [finish(reader) for reader in readers] == [0] * N_READERS
    (root / "stop").unlink()
    assert_recovered(root, today)
