"""What is damaged, gone or wrong in a workspace is told in a sentence, and the command that the sentence names mends it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import manifest
from pipelines.errors import CheckFailed, Violated
from pipelines.inspection import status
from pipelines.run import build_only, publish_only, run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.faults.proof import assert_same_build
from tests.functional.small_shop import ask, change, change_ledger, journeys, landed, quiet, shop

WRONG = "UPDATE kpi_daily SET value = 0.99"
COMMANDS = ("verify", "status", "run", "build --full", "publish", "show x", "check", "explain person ann-77")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A shop that was run."""
    workspace = shop(tmp_path_factory.mktemp("published"))
    run(workspace, quiet)
    return workspace


@pytest.fixture
def broken(published: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it, to break."""
    shutil.copytree(published.root, tmp_path / "shop", symlinks=True)
    return Workspace(tmp_path / "shop")


def file_of(workspace: Workspace) -> Path:
    """The database that readers see."""
    return workspace.current.resolve() / "journeys.duckdb"


def overwrite(path: Path, at: int = 5000) -> None:
    """Damage 100 bytes."""
    content = bytearray(path.read_bytes())
    content[at : at + 100] = b"x" * 100
    path.write_bytes(content)


def test_a_full_run_takes_the_place_of_a_wrong_build_of_the_same_id(broken: Workspace, published: Workspace) -> None:
    wrong = broken.current.resolve()
    change(broken, WRONG)
    with pytest.raises(Violated, match="run `journeys run --full`"):
        verify(broken, quiet, is_deep=True)
    outcome = run(broken, quiet, is_full=True)
    assert outcome.is_new
    assert outcome.build_id == wrong.name
    assert verify(broken, quiet, is_deep=True).build_id == wrong.name
    assert not wrong.exists()
    # Readers saw the wrong figures, so it is told that they were.
    causes = "SELECT DISTINCT old_value, split_part(cause, ':', 1), build_id FROM restatements"
    assert ask(broken, causes) == [(0.99, "built anew", wrong.name)]
    # And once more: the other name is free again.
    assert run(broken, quiet, is_full=True).is_new
    assert broken.current.resolve().name == wrong.name
    assert_same_build(broken.current.resolve(), published.current.resolve(), same_history=False)
    assert [path.name for path in broken.builds.iterdir()] == [wrong.name]
    assert not run(broken, quiet).is_new


def test_what_was_built_once_more_is_published(broken: Workspace) -> None:
    change(broken, WRONG)
    build_only(broken, quiet, is_full=True)
    assert publish_only(broken, quiet).is_new
    assert verify(broken, quiet, is_deep=True)
    assert not publish_only(broken, quiet).is_new


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "overwritten at its head": overwrite,
    "no database": lambda path: path.write_bytes(b"hello"),
    "cut off": lambda path: os.truncate(path, path.stat().st_size // 2),
}


@pytest.mark.parametrize("command", ["run", "publish"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_published_file_that_cannot_be_read_is_built_anew(damage: str, command: str, broken: Workspace) -> None:
    DAMAGES[damage](file_of(broken))
    with pytest.raises(Violated, match=r"journeys.duckdb cannot be read .*run `journeys run --full`"):
        verify(broken, quiet)
    assert "cannot be read; `journeys publish`" in status(broken)["state"]
    said: list[str] = []
    assert {"run": run, "publish": publish_only}[command](broken, said.append).is_new
    assert "warning: the published file cannot be read: what it remembers of builds before it is lost" in said
    assert verify(broken, quiet, is_deep=True)


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_command_fails_with_a_traceback_over_a_published_file(damage: str, broken: Workspace) -> None:
    DAMAGES[damage](file_of(broken))
    ends = {command: journeys(*command.split(), "-w", str(broken.root)) for command in (COMMANDS[0], *COMMANDS[-2:])}
    assert {command: end.returncode for command, end in ends.items()} == {
        "verify": 18,
        "check": 16,
        "explain person ann-77": 16,
    }
    for end in ends.values():
        assert "Traceback" not in end.stderr
        assert "run `journeys " in end.stderr


def test_no_command_fails_with_a_traceback_over_a_landed_file(broken: Workspace) -> None:
    gone = landed(broken)
    gone.unlink()
    ends = {command: journeys(*command.split(), "-w", str(broken.root)) for command in COMMANDS[:-2]}
    codes = {command: end.returncode for command, end in ends.items()}
    assert codes == {"verify": 18, "status": 0, "run": 16, "build --full": 16, "publish": 16, "show x": 16}
    for command, end in ends.items():
        assert "Traceback" not in end.stderr
        assert "Nothing new" not in end.stdout
        assert f"{gone} is in the manifest and gone" in end.stdout + end.stderr or command == "show x"
        assert f"`journeys land --again {gone.parent.name}`" in end.stdout + end.stderr or command == "show x"
    assert journeys("land", "--again", gone.parent.name, "-w", str(broken.root)).returncode == 0
    run(broken, quiet)
    assert verify(broken, quiet, is_deep=True)


def test_a_ledger_that_does_not_balance_stops_publishing(broken: Workspace) -> None:
    change_ledger(broken, -1)
    with pytest.raises(CheckFailed, match=r"does not balance: .* run `journeys land --again"):
        run(broken, quiet)
    assert journeys("publish", "-w", str(broken.root)).returncode == 14
    assert "does not balance" in status(broken)["state"]
    name = manifest.read(broken.landing)[0].source
    assert journeys("land", "--again", name, "-w", str(broken.root)).returncode == 0
    run(broken, quiet)
    assert verify(broken, quiet)
