"""Workspaces run for real: the examples on the real data, and the demo."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.engine import connect
from connectors.keys import make_key
from pipelines.demo.tour import demo
from pipelines.run import Outcome, run
from pipelines.start import init
from pipelines.workspace import Workspace
from tests.functional.small_shop import copy, quiet, shop

ROOT = Path(__file__).parents[2]
Ask = Callable[[str], list[Any]]


@pytest.fixture(scope="session")
def run_example(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Run an example once per session in a folder of its own; with overrides it is another run, on the same landing."""
    done: dict[tuple[str, ...], Outcome] = {}

    def run_once(name: str, **overrides: str) -> Outcome:
        key = (name, *overrides.items())
        if key not in done:
            folder = tmp_path_factory.mktemp(name)
            shutil.copytree(ROOT / "examples" / name, folder, dirs_exist_ok=True)
            if overrides:
                shutil.copytree(run_once(name).workspace / "landing", folder / "landing")
            make_key(folder / "journeys.key")
            done[key] = run(
                Workspace(folder),
                lambda line: None,
                {key.replace("__", "."): value for key, value in overrides.items()},
            )
        return done[key]

    return run_once


@pytest.fixture(scope="session")
def asking() -> Iterator[Callable[[Outcome], Ask]]:
    """Open what a run published and ask it questions in SQL."""
    opened = []

    def ask_of(outcome: Outcome) -> Ask:
        folder = (outcome.workspace / "current").resolve()
        con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
        opened.append(con)
        return lambda sql: con.execute(sql).fetchall()

    yield ask_of
    for con in opened:
        con.close()


@pytest.fixture(scope="session")
def demo_shop(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The demo at its default size."""
    return demo(Workspace(tmp_path_factory.mktemp("demo")), 60_000, 7, lambda line: None)


@pytest.fixture
def open_tables() -> Iterator[Callable[[Outcome], Any]]:
    """Open what a run published, as a connection."""
    opened = []

    def opening(outcome: Outcome) -> Any:
        folder = (outcome.workspace / "current").resolve()
        opened.append(connect(folder / "journeys.duckdb", allowed=[folder], read_only=True))
        return opened[-1]

    yield opening
    for con in opened:
        con.close()


VISITS = """time,user,event,page
2024-05-01T09:00:00Z,ann,page_view,/
2024-05-01T09:05:00Z,ann,signup,/join
2024-05-01T09:10:00Z,ann,purchase,/done
2024-05-02T10:00:00Z,bob,page_view,/
2024-05-03T10:00:00Z,cem,page_view,/
2024-05-03T10:01:00Z,cem,signup,/join
2024-06-01T12:00:00Z,dee,page_view,/
"""


def made_own_csv(root: Path) -> Workspace:
    """A stranger's workspace: what `journeys init` writes, and a CSV of their own."""
    workspace = Workspace(root)
    init(workspace)
    (workspace.root / "events.csv").write_text(VISITS)
    return workspace


@pytest.fixture
def own_csv(tmp_path: Path) -> Workspace:
    """The same, to be changed."""
    return made_own_csv(tmp_path / "mine")


@pytest.fixture(scope="session")
def published_csv(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same after a run, to be read."""
    workspace = made_own_csv(tmp_path_factory.mktemp("published_csv"))
    run(workspace, quiet)
    return workspace


@pytest.fixture
def copied_csv(published_csv: Workspace, tmp_path: Path) -> Workspace:
    """That, to be changed."""
    return copy(published_csv, tmp_path / "mine")


@pytest.fixture(scope="session")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small shop after a run, to be read."""
    workspace = shop(tmp_path_factory.mktemp("published_shop"))
    run(workspace, quiet)
    return workspace


@pytest.fixture
def copied_shop(published_shop: Workspace, tmp_path: Path) -> Workspace:
    """The same, to be changed."""
    return copy(published_shop, tmp_path / "shop")
