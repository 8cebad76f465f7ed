"""Several runs start in the same 50 ms: one does the work, the others are told that the workspace is busy."""

import time
from functools import partial
from pathlib import Path

import pytest

from tests.commands import finish
from tests.faults.proof import assert_recovered
from tests.faults.runs import said, start
from tests.faults.size import rounds


def wait_until(instant: float) -> None:
    time.sleep(max(0, instant - time.time()))


@pytest.mark.parametrize("number", rounds(2, 50))
def test_of_runs_that_start_at_once_one_publishes(number: int, root: Path, today: Path) -> None:
    n_runs = 2 + number % 7
    gun = time.time() + 0.2 + 0.1 * n_runs
    runs = [start(root, prepare=partial(wait_until, gun + 0.05 * place / n_runs)) for place in range(n_runs)]
    codes = [finish(run) for run in runs]
    assert set(codes) <= {0, 75}
    assert said(root).count("Published build") == 1
    # A run that found the workspace free again found nothing new.
    assert said(root).count("Nothing new: build") == codes.count(0) - 1
    assert_recovered(root, today)
