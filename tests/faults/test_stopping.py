"""SIGTERM and SIGINT end a run within two seconds, whatever it is doing."""

import os
import random
import signal
import time
from pathlib import Path

import duckdb
import pytest

from tests.faults import shop
from tests.faults.conftest import copy
from tests.faults.proof import current, files
from tests.faults.runs import finish, journeys, log, said, start
from tests.faults.size import SOAK, rounds

ENDLESS = "SELECT 1 AS line_no, 'visit' AS event_name, max(a.i * b.i) AS occurred_at FROM range(1000000000) a(i), range(1000000000) b(i)"
SECONDS = 2.0


@pytest.mark.parametrize("number", rounds(2, 20))
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_one_statement_of_hours_is_stopped(sent: int, code: int, number: int, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shop.make(root)
    definition = (root / "journey.yaml").read_text()
    (root / "journey.yaml").write_text(
        definition.replace("    event_name: event\n", "    select: endless.sql\n").replace(
            "    fields: {event_id: id, occurred_at: time, user_id: user, device_id: device, page: page, order_id: order}\n",
            "",
        )
    )
    (root / "endless.sql").write_text(ENDLESS)
    assert stop(root, 0.5 + random.Random(number).random(), sent) == code, said(root)
    assert not (root / "landing" / "manifest.json").exists()


@pytest.mark.parametrize("number", rounds(4, 40))
def test_a_run_is_stopped_at_any_moment(number: int, root: Path, yesterday: Path, today: Path) -> None:
    code = stop(root, random.Random(number).uniform(0.1, 1.4), signal.SIGTERM)
    assert code in (143, 0)
    assert current(root).name in {current(yesterday).name, current(today).name}
    assert journeys(root) == 0
    assert files(root) == files(today)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published shop to which two million events have come, whose statements take seconds."""
    root = tmp_path_factory.mktemp("large") / "shop"
    shop.make(root)
    assert journeys(root) == 0
    definition = (root / "journey.yaml").read_text()
    (root / "journey.yaml").write_text(definition.replace('path: "web/*.csv"', 'path: "web/*.*"'))
    con = duckdb.connect()
    con.sql(
        "SELECT 'many' || i AS id, strftime(TIMESTAMP '2024-05-02' + to_seconds(hash(i) % 500000), '%xT%XZ') AS time, "
        "'u' || hash(i) % 90000 AS user, 'd' || hash(i) % 50000 AS device, 'page_view' AS event, '/' AS page, "
        "CAST(NULL AS VARCHAR) AS order FROM range(2000000) many(i)"
    ).write_parquet(str(root / "web" / "many.parquet"))
    con.close()
    return root


@pytest.mark.skipif(not SOAK, reason="two million events: make soak")
@pytest.mark.parametrize("number", rounds(0, 100))
def test_a_large_run_is_stopped_at_any_moment(number: int, large: Path, tmp_path: Path) -> None:
    root = copy(large, tmp_path / "shop")
    assert stop(root, random.Random(number).uniform(0.2, 12), random.Random(number).choice([15, 2])) in (143, 130)
    assert current(root).name == current(large).name


def stop(root: Path, after: float, sent: int) -> int | None:
    """Start a run, send it a signal some seconds later, and see that it ends soon; its exit code."""
    process = start(root)
    while not (log(root).exists() and "land" in said(root)):
        time.sleep(0.01)
    time.sleep(after)
    begun = time.monotonic()
    os.kill(process.pid or 0, sent)
    code = finish(process)
    assert time.monotonic() - begun < SECONDS
    return code
