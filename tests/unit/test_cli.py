"""The command line answers a question about itself at once."""

import subprocess
import sys

import pytest

HEAVY = ["numpy", "pandas", "scipy", "pyarrow", "httpx", "jinja2", "plotly", "prefect"]
ASK = """
import sys
from pipelines.cli import main
sys.argv = ["journeys", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""
"""Python that runs a command and then names every module that was imported."""


@pytest.mark.parametrize("asked", ["--help", "run --help", "erase person --help", "land --from 2024-05-01", "rnu"])
def test_help_and_a_wrong_word_are_answered_before_any_library_loads(asked: str) -> None:
    told = subprocess.run([sys.executable, "-c", ASK, *asked.split()], capture_output=True, text=True)
    assert told.returncode == (0 if "--help" in asked else 2), told.stderr
    *_, modules = told.stderr.splitlines()
    assert "pipelines.cli" in modules.split()
    assert set(HEAVY) & set(modules.split()) == set()
