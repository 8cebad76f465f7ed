"""A shop with three published builds and a night that waits; the same after that night; and copies to do harm to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Column, Table

from tests.faults import shop
from tests.faults.runs import journeys
from tests.faults.size import SOAK

N_BUILDS = 3
"""As many as are kept: the next one sweeps."""


@pytest.fixture(scope="session")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with published builds, and two deliveries that wait for tonight's run."""
    root = tmp_path_factory.mktemp("yesterday") / "shop"
    shop.make(root)
    for night in range(2, 2 + N_BUILDS):
        shop.deliver(root, night)
        assert journeys(root) == 0
    shop.deliver(root, 2 + N_BUILDS)
    return root


@pytest.fixture(scope="session")
def today(yesterday: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after an undisturbed run."""
    root = copy(yesterday, tmp_path_factory.mktemp("today") / "shop")
    assert journeys(root) == 0
    return root


@pytest.fixture
def root(yesterday: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of yesterday's workspace, to be harmed."""
    yield copy(yesterday, tmp_path / "shop")
    shutil.rmtree(tmp_path / "shop")


def copy(workspace: Path, to: Path) -> Path:
    """Copy a workspace with its times, links and modes."""
    return Path(shutil.copytree(workspace, to, symlinks=True))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a table of the suites: how many cells each has of how many there could be, how many passed, how long they took.

    More could be where places are counted as a run goes: each call of the system can fail, and some are hit.
    """
    if not SOAK:
        return
    table = Table(
        "suite", *(Column(name, justify="right") for name in ("cells", "possible", "passed", "skipped", "seconds"))
    )
    reports = [
        report for kind in ("passed", "failed", "skipped", "error") for report in terminalreporter.stats.get(kind, [])
    ]
    suites = sorted({report.nodeid.partition("::")[0] for report in reports})
    for suite in suites:
        told = [report for report in reports if report.nodeid.startswith(f"{suite}::")]
        cells = [
            sum(map(n_cells, told)),
            sum(map(n_possible, told)),
            *(sum(n_cells(one) for one in told if one.outcome == kind) for kind in ("passed", "skipped")),
        ]
        seconds = sum(report.duration for report in told)
        table.add_row(Path(suite).stem.removeprefix("test_"), *map(str, cells), f"{seconds:,.0f}")
    Console().print(table)


def n_cells(report: pytest.TestReport) -> int:
    """How many faults a test has tried: what it recorded, or one."""
    return dict(report.user_properties).get("cells", 1)


def n_possible(report: pytest.TestReport) -> int:
    """How many faults of its kind a test could try: what it recorded, or those that it tries."""
    return dict(report.user_properties).get("possible", n_cells(report))
