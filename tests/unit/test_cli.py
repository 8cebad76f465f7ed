"""The command line answers a question about itself at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import journeys

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


@pytest.mark.parametrize(
    ("command", "words"),
    [("init --workspace FILE/mine", "FILE/mine: Not a directory"), ("init --workspace FOLDER/file", "is a file")],
)
def test_a_path_that_cannot_be_is_told_in_a_sentence(command: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = command.replace("FILE", str(tmp_path / "file")).replace("FOLDER", str(tmp_path))
    told = journeys(*asked.split())
    assert "Traceback" not in told.stderr
    assert words.replace("FILE", str(tmp_path / "file")) in " ".join(told.stderr.replace("│", " ").split())
    assert told.returncode in (2, 16)
