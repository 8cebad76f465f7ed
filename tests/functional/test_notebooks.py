"""The notebooks run on a published workspace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.run import Outcome

ROOT = Path(__file__).parents[2]


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.py")), ids=lambda path: path.stem)
def test_a_notebook_runs(demo_shop: Outcome, notebook: Path, request: pytest.FixtureRequest) -> None:
    if "JOURNEYS_DATA" in notebook.read_text():
        request.getfixturevalue("real_data")
    done = subprocess.run(
        [sys.executable, str(notebook)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "WORKSPACE": str(demo_shop.workspace)},
    )
    assert done.returncode == 0, done.stderr
