"""Nights of random deliveries, a third of them with a fault: every night, and what is remembered of them, as if nothing had failed."""

import random
from pathlib import Path

import pytest

from connectors.durable import KINDS
from pipelines.publish import KEPT_BUILDS
from tests.faults import shop
from tests.faults.proof import assert_ledger_balances, assert_same_build, current, files
from tests.faults.runs import journeys, said
from tests.faults.size import SOAK, rounds
from tests.faults.test_failpoints import AT_NIGHT_POINTS, EXIT_CODES

N_NIGHTS = 30 if SOAK else 4


@pytest.mark.parametrize("seed", rounds(1, 4))
def test_nights_with_faults_end_as_nights_without(seed: int, tmp_path: Path, record_property) -> None:
    record_property("cells", N_NIGHTS)
    # Of four nights of the seed 1 the first has a fault, and three come after it.
    chance, n_faults = random.Random(seed + 1), 0
    root, calm = tmp_path / "shop", tmp_path / "calm"
    for workspace in (root, calm):
        shop.make(workspace, n_nights=0)
    for night in range(1, N_NIGHTS + 1):
        for workspace in (root, calm):
            shop.deliver(workspace, night, seed)
        if chance.random() < 1 / 3:
            point, kind = chance.choice(AT_NIGHT_POINTS), chance.choice(KINDS)
            code = journeys(root, fault=f"{point}:{kind}")
            # The first nights have no old build to sweep, and the very first makes every table.
            assert code in (EXIT_CODES[kind], 0), said(root)
            n_faults += code != 0
        assert journeys(root) == 0, said(root)
        assert_ledger_balances(root)
        assert len(list((root / "builds").iterdir())) <= KEPT_BUILDS
        assert journeys(calm) == 0
        assert current(root).name == current(calm).name
    assert n_faults
    assert_same_build(current(root), current(calm))
    assert files(root / "landing") == files(calm / "landing")
