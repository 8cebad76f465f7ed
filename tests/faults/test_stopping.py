"""SIGTERM and SIGINT end a run within two seconds, whatever it is doing."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from connectors.engine import connect
from tests.commands import finish
from tests.faults import shop
from tests.faults.conftest import copy
from tests.faults.proof import current, files
from tests.faults.runs import journeys, log, said, start
from tests.faults.size import SOAK, rounds

ENDLESS = """
SELECT 1 AS line_no, 'visit' AS event_name, make_timestamp(max(a.i + b.i)) AS occurred_at
FROM range(1000000000) a(i), range(1000000000) b(i)
"""
MANY = """
SELECT 'many' || i AS id, strftime(TIMESTAMP '2024-05-02' + to_seconds(hash(i) % 500000), '%xT%XZ') AS time,
    'u' || hash(i) % 90000 AS user, 'd' || hash(i) % 50000 AS device, 'page_view' AS event
FROM range(500000) many(i)
"""
LOADING = """
import os, sys, time
from pipelines.entry import main
library, sent = sys.argv[1], int(sys.argv[2])
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == library:
            os.kill(os.getpid(), sent)
            time.sleep(0.3)
sys.meta_path.insert(0, Slow())
sys.argv = ["journeys", "status"]
main()
"""
"""Python that sends itself a signal when a library begins to load."""
SECONDS = 2.0


@pytest.mark.parametrize("number", rounds(2, 20))
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_one_statement_of_hours_is_stopped(sent: int, code: int, number: int, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shop.make(root)
    add_source(root, "endless: {connector: files, path: 'web/*.csv', select: endless.sql}")
    (root / "endless.sql").write_text(ENDLESS)
    assert stop(root, 0.5 + random.Random(number).random(), sent) == code, said(root)
    assert not (root / "landing" / "manifest.jsonl").exists()


@pytest.mark.parametrize("number", rounds(4, 40))
def test_a_run_is_stopped_at_any_moment(number: int, root: Path, yesterday: Path, today: Path) -> None:
    code = stop(root, random.Random(number).uniform(0.1, 1.4), signal.SIGTERM)
    assert code in (143, 0)
    assert current(root).name in {current(yesterday).name, current(today).name}
    assert journeys(root) == 0
    assert files(root) == files(today)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("library", ["numpy", "pipelines.inspection"])
def test_a_command_is_stopped_while_its_libraries_load(library: str, sent: int, code: int) -> None:
    command = [sys.executable, "-c", LOADING, library, str(int(sent))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr.partition(";")[1:2]) == (code, (";",)), ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A published shop to which half a million events have come; and how long it runs."""
    root = tmp_path_factory.mktemp("large") / "shop"
    shop.make(root)
    assert journeys(root) == 0
    add_source(
        root,
        "many: {connector: files, path: many.parquet, event_name: event,"
        " fields: {event_id: id, occurred_at: time, user_id: user, device_id: device}}",
    )
    con = connect(allowed=[root])
    con.sql(MANY).write_parquet(str(root / "many.parquet"))
    con.close()
    undisturbed = copy(root, root.with_name("undisturbed"))
    begun = time.monotonic()
    assert journeys(undisturbed) == 0
    shutil.rmtree(undisturbed)
    return root, time.monotonic() - begun


@pytest.mark.skipif(not SOAK, reason="half a million events: make soak")
@pytest.mark.parametrize("number", rounds(1, 100))
def test_a_large_run_is_stopped_at_any_moment(number: int, large: tuple[Path, float], tmp_path: Path) -> None:
    workspace, seconds = large
    chance = random.Random(number)
    root = copy(workspace, tmp_path / "shop")
    code = stop(root, chance.uniform(0, seconds), chance.choice([signal.SIGTERM, signal.SIGINT]))
    # Between publishing and the end old builds are swept: who is stopped there has published.
    assert code != 0 or current(root).name != current(workspace).name, said(root)
    assert code in (143, 130, 0), said(root)
    shutil.rmtree(root)


def add_source(root: Path, source: str) -> None:
    """Give the shop one more source, the first to land."""
    definition = (root / "journey.yaml").read_text()
    (root / "journey.yaml").write_text(definition.replace("sources:\n", f"sources:\n  {source}\n"))


def stop(root: Path, after: float, sent: int) -> int | None:
    """Start a run, send it a signal some seconds later, and see that it ends soon; its exit code."""
    process = start(root)
    while not (log(root).exists() and "land" in said(root)):
        time.sleep(0.01)
    time.sleep(after)
    begun = time.monotonic()
    with suppress(ProcessLookupError):  # it was done before
        os.kill(process.pid or 0, sent)
    code = finish(process)
    assert time.monotonic() - begun < SECONDS
    return code
