"""A workspace is held by one run at a time, and begun without touching what is there."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.definition import load
from pipelines.errors import NothingPublished, WorkspaceBusy, exit_code
from pipelines.start import init
from pipelines.workspace import Workspace, locked, published

HOLD = """
import sys, time
from pathlib import Path
from pipelines.workspace import Workspace, locked
with locked(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the workspace."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


class TestLock:
    def test_a_second_run_is_refused_at_once_and_told_by_whom(
        self, tmp_path: Path, holder: subprocess.Popen[str]
    ) -> None:
        said = rf"{tmp_path} is held by another run \(process {holder.pid}\); wait for it, or stop it"
        with pytest.raises(WorkspaceBusy, match=said) as caught, locked(Workspace(tmp_path)):
            pass
        assert exit_code(caught.value) == 75

    def test_a_killed_run_lets_go(self, tmp_path: Path, holder: subprocess.Popen[str]) -> None:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with locked(Workspace(tmp_path)):
            assert (tmp_path / ".lock").read_text() == str(os.getpid())

    def test_a_run_that_fails_lets_go(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError), locked(Workspace(tmp_path)):
            raise ZeroDivisionError
        with locked(Workspace(tmp_path)):
            pass

    def test_a_folder_that_is_not_there_is_made(self, tmp_path: Path) -> None:
        with locked(Workspace(tmp_path / "new" / "shop")):
            assert stat.S_IMODE((tmp_path / "new" / "shop" / ".lock").stat().st_mode) == 0o600


class TestPublished:
    def test_is_what_current_points_to(self, tmp_path: Path) -> None:
        (tmp_path / "builds" / "b1").mkdir(parents=True)
        (tmp_path / "current").symlink_to("builds/b1")
        assert published(Workspace(tmp_path)) == (tmp_path / "builds" / "b1").resolve()

    @pytest.mark.parametrize("dangling", [False, True])
    def test_is_nothing_before_the_first_run(self, tmp_path: Path, dangling: bool) -> None:
        if dangling:
            (tmp_path / "current").symlink_to("builds/gone")
        with pytest.raises(NothingPublished, match=r"Nothing has been published in .*; run `journeys run` there first"):
            published(Workspace(tmp_path))


class TestInit:
    def test_makes_a_definition_that_is_right_and_a_key(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path / "shop")
        said = init(workspace)
        assert load(workspace.definition).name == "my_journeys"
        assert stat.S_IMODE(workspace.key.stat().st_mode) == 0o600
        assert len(said) == 3

    def test_leaves_what_is_there(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path)
        init(workspace)
        workspace.definition.write_text("name: mine\n")
        key = workspace.key.read_bytes()
        assert all("is there already and stays as it is" in line for line in init(workspace)[:2])
        assert (workspace.definition.read_text(), workspace.key.read_bytes()) == ("name: mine\n", key)
