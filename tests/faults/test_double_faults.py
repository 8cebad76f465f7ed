"""A run is killed, and so is the one that should mend it; the third mends it all the same."""

import random
from pathlib import Path

import pytest

from connectors.durable import KINDS
from tests.faults.proof import assert_one_whole_build, assert_recovered
from tests.faults.runs import journeys, said
from tests.faults.size import rounds
from tests.faults.test_failpoints import AT_NIGHT_POINTS, EXIT_CODES


@pytest.mark.parametrize("number", rounds(3, 100))
def test_two_faults_in_a_row_are_mended(number: int, root: Path, yesterday: Path, today: Path) -> None:
    chance = random.Random(number)
    for is_first in (True, False):
        point, kind = chance.choice(AT_NIGHT_POINTS), chance.choice(["kill", "kill", *KINDS])
        # Where the first fault came late, the second run does not pass its point.
        allowed = {EXIT_CODES[kind]} if is_first else {EXIT_CODES[kind], 0}
        assert journeys(root, fault=f"{point}:{kind}") in allowed, f"{point}: {said(root)}"
        assert_one_whole_build(root, yesterday, today)
    assert journeys(root) == 0, said(root)
    assert_recovered(root, today)
