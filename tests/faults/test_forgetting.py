"""An erasure, an expiry or a new key that is stopped anywhere, in any manner: done once more, all is as if nothing had happened."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from connectors.keys import read_keys
from tests.faults.conftest import copy
from tests.faults.proof import assert_one_whole_build, assert_recovered, assert_same_build, current, files
from tests.faults.runs import journeys, said
from tests.faults.size import SOAK
from tests.faults.test_failpoints import EXIT_CODES, kinds

ERASE = "erase person u3"
ROTATE = "key rotate"
RETENTION = "retention: {events: 60d, quarantine: 2d}\n"
"""Of the deliveries of early May up to 150 days late, those of before March go."""
OF_ERASURES = ["E1", "E2", "E3", "E4", *(["L7", "D1", "D6", "P1", "P6", "P7"] if SOAK else [])]
OF_EXPIRIES = ["X1", "X2", *(["L7", "H1"] if SOAK else [])]
OF_KEYS = ["K1", "K2"]


def cells(points: list[str]) -> list[tuple[str, str]]:
    """Each point, killed, asked to stop or on a full disk in turn; in a soak in every manner."""
    return [(point, kind) for place, point in enumerate(points) for kind in kinds(place)]


@pytest.fixture(scope="module")
def erased(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Yesterday's workspace after an undisturbed erasure."""
    root = copy(yesterday, tmp_path_factory.mktemp("erased") / "shop")
    assert journeys(root, ERASE) == 0, said(root)
    return root


def receipts(root: Path) -> list[dict[str, Any]]:
    """What is told of erasures, without when."""
    told = [json.loads(path.read_text()) for path in sorted((root / "erasures").iterdir())]
    return [{name: value for name, value in one.items() if not name.endswith("_at")} for one in told]


@pytest.mark.parametrize(("point", "kind"), cells(OF_ERASURES))
def test_an_erasure_that_fails_anywhere_is_finished_by_the_next(
    point: str, kind: str, root: Path, yesterday: Path, erased: Path
) -> None:
    assert journeys(root, ERASE, f"{point}:{kind}") == EXIT_CODES[kind], f"not stopped at {point}: {said(root)}"
    assert_one_whole_build(root, yesterday, erased)
    assert journeys(root, ERASE) == 0, said(root)
    assert_same_build(current(root), current(erased))
    assert files(root) == files(erased)
    assert receipts(root) == receipts(erased)


@pytest.fixture(scope="module")
def expired(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Yesterday's workspace after an undisturbed run that lets old events expire."""
    root = keep_less(copy(yesterday, tmp_path_factory.mktemp("expired") / "shop"))
    assert journeys(root) == 0, said(root)
    return root


def keep_less(root: Path) -> Path:
    with (root / "journey.yaml").open("a") as stream:
        stream.write(RETENTION)
    return root


@pytest.mark.parametrize(("point", "kind"), cells(OF_EXPIRIES))
def test_an_expiry_that_fails_anywhere_is_finished_by_the_next_run(
    point: str, kind: str, root: Path, yesterday: Path, expired: Path
) -> None:
    keep_less(root)
    assert journeys(root, "run", f"{point}:{kind}") == EXIT_CODES[kind], f"not stopped at {point}: {said(root)}"
    assert_one_whole_build(root, yesterday, expired)
    assert journeys(root) == 0, said(root)
    assert_recovered(root, expired)


@pytest.mark.parametrize(("point", "kind"), cells(OF_KEYS))
def test_a_new_key_that_fails_anywhere_is_there_whole_or_not_at_all(
    point: str, kind: str, root: Path, yesterday: Path, tmp_path: Path
) -> None:
    [first] = read_keys(root / "journeys.key")
    assert journeys(root, ROTATE, f"{point}:{kind}") == EXIT_CODES[kind], f"not stopped at {point}: {said(root)}"
    keys = read_keys(root / "journeys.key")
    assert (len(keys), keys[-1]) == ({"K1": 1, "K2": 2}[point], first)
    assert journeys(root, ROTATE) == 0, said(root)
    assert read_keys(root / "journeys.key")[1:] == keys
    twin = copy(yesterday, tmp_path / "twin")
    shutil.copy2(root / "journeys.key", twin / "journeys.key")
    assert [journeys(root), journeys(twin)] == [0, 0], said(root)
    assert_recovered(root, twin)
