"""A run that fails at any point of the way, in any manner: readers see a whole build, and the next run mends it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from connectors.durable import FAILPOINTS, KINDS
from pipelines import incremental, models, touched
from tests.faults.proof import assert_one_whole_build, assert_recovered, assert_same_build, current
from tests.faults.runs import journeys, said
from tests.faults.size import SOAK

ROOT = Path(__file__).parents[2]
TABLES = models.build_order(models.models())
AT_NIGHT = [table for table in TABLES if table in touched.PARTS or table not in incremental.DONE]
"""The tables after which a night's build passes a point; a full build passes one after each."""
OTHERS = [name for name in FAILPOINTS if name != "D" and name[0] not in "EKX"]
"""Those of every run; erasures, keys and what expires are stopped in test_forgetting.py."""
OF_TABLES = [f"D:{table}" for table in (TABLES if SOAK else [TABLES[0], "sessions", TABLES[-1]])]
PLACES = [
    *(("run", point) for point in OTHERS),
    *(("run --full", point) for point in OF_TABLES),
    *(("run", f"D:{table}") for table in (AT_NIGHT if SOAK else ["events", "kpi_units", "journey_sums"])),
]
"""Where a run is stopped; only with --full does it make every table, and none from the published build."""
AT_NIGHT_POINTS = [point for command, point in PLACES if command == "run"]
"""Those that a run passes which begins from the published build."""
ALWAYS = ("kill", "term", "enospc")
IN_TURN = [kind for kind in KINDS if kind not in ALWAYS]


def kinds(place: int) -> Sequence[str]:
    """How a run is stopped at a place: in one manner, in a soak by killing, asking and a full disk, and one more in turn."""
    if SOAK > 1:
        return KINDS
    return (*ALWAYS, IN_TURN[place % len(IN_TURN)]) if SOAK else (ALWAYS[place % len(ALWAYS)],)


CELLS = [(command, point, kind) for place, (command, point) in enumerate(PLACES) for kind in kinds(place)]
EXIT_CODES = {"kill": -9, "term": 143, "int": 130, "enospc": 17, "eio": 17, "memory": 17, "error": 1}


@pytest.mark.parametrize(("command", "point", "kind"), CELLS)
def test_a_run_that_fails_anywhere_leaves_a_whole_build_and_the_next_run_mends_it(
    command: str, point: str, kind: str, root: Path, yesterday: Path, today: Path
) -> None:
    assert journeys(root, command, f"{point}:{kind}") == EXIT_CODES[kind], f"not stopped at {point}: {said(root)}"
    assert_one_whole_build(root, yesterday, today)
    assert (current(root).name == current(today).name) == (point in ("P7", "H1", "H2", "H3"))
    assert journeys(root) == 0, said(root)
    assert_recovered(root, today)


@pytest.mark.parametrize("point", [name for name in FAILPOINTS if name[0] in "PH"] if SOAK else ["P3", "H1"])
def test_a_build_made_anew_under_its_own_id_takes_the_place_of_the_published_one_whole(
    point: str, root: Path, today: Path
) -> None:
    assert journeys(root) == 0, said(root)
    assert journeys(root, "run --full", f"{point}:kill") == -9, f"not stopped at {point}: {said(root)}"
    assert_same_build(current(root), current(today))
    assert journeys(root) == 0, said(root)
    assert_same_build(current(root), current(today))
    # As many builds are kept as ever; of today's two, one.
    kept = [path.name.removesuffix(".again") for path in (root / "builds").iterdir()]
    assert sorted(kept) == sorted(path.name for path in (today / "builds").iterdir())


def test_the_failpoints_in_the_code_are_those_that_are_listed() -> None:
    modules = [path for package in ("connectors", "pipelines") for path in (ROOT / package).glob("*.py")]
    passed = {name for path in modules for name in re.findall(r'failpoint\(f?"(\w+)', path.read_text())}
    assert passed == FAILPOINTS.keys()
