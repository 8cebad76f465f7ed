"""What is damaged, gone or wrong in a workspace is told in a sentence, and the command that the sentence names mends it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import manifest
from pipelines.entry import _command
from pipelines.errors import Violated
from pipelines.inspection import status
from pipelines.run import Outcome, build_only, publish_only, run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.faults.proof import assert_same_build
from tests.functional.small_shop import ask, change, change_ledger, landed, quiet

WRONG = "UPDATE kpi_daily SET value = 0.99"


def file_of(workspace: Workspace) -> Path:
    """The database that readers see."""
    return workspace.current.resolve() / "journeys.duckdb"


def overwrite(path: Path, at: int = 5000) -> None:
    """Damage 100 bytes."""
    content = bytearray(path.read_bytes())
    content[at : at + 100] = b"x" * 100
    path.write_bytes(content)


def test_a_full_run_takes_the_place_of_a_wrong_build_of_the_same_id(
    copied_shop: Workspace, published_shop: Workspace
) -> None:
    wrong = copied_shop.current.resolve()
    change(copied_shop, WRONG)
    with pytest.raises(Violated, match="run `journeys run --full`"):
        verify(copied_shop, quiet, is_deep=True)
    outcome = run(copied_shop, quiet, is_full=True)
    assert outcome.is_new
    assert outcome.build_id == wrong.name
    assert verify(copied_shop, quiet, is_deep=True).build_id == wrong.name
    assert not wrong.exists()
    # Readers saw the wrong figures, so it is told that they were.
    causes = "SELECT DISTINCT old_value, split_part(cause, ':', 1), build_id FROM restatements"
    assert ask(copied_shop, causes) == [(0.99, "built anew", wrong.name)]
    # And once more: the other name is free again.
    assert run(copied_shop, quiet, is_full=True).is_new
    assert copied_shop.current.resolve().name == wrong.name
    assert_same_build(copied_shop.current.resolve(), published_shop.current.resolve(), same_history=False)
    assert [path.name for path in copied_shop.builds.iterdir()] == [wrong.name]
    assert not run(copied_shop, quiet).is_new


def test_what_was_built_once_more_is_published(copied_shop: Workspace) -> None:
    change(copied_shop, WRONG)
    build_only(copied_shop, quiet, is_full=True)
    assert publish_only(copied_shop, quiet).is_new
    assert verify(copied_shop, quiet, is_deep=True)
    assert not publish_only(copied_shop, quiet).is_new


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "overwritten at its head": overwrite,
    "no database": lambda path: path.write_bytes(b"hello"),
}
Command = Callable[..., int]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process; an error that would be a traceback is raised here."""

    def run_it(line: str, workspace: Workspace) -> int:
        monkeypatch.setattr("sys.argv", ["journeys", *line.split(), "-w", str(workspace.root)])
        return _command()

    return run_it


@pytest.mark.parametrize(("damage", "doing"), [*zip(DAMAGES, [run, publish_only, run], strict=True)])
def test_a_published_file_that_cannot_be_read_is_built_anew(
    damage: str, doing: Callable[..., Outcome], copied_shop: Workspace
) -> None:
    wrong = file_of(copied_shop)
    DAMAGES[damage](wrong)
    if damage == "no database":
        with (copied_shop.root / "web" / "one.csv").open("a") as stream:
            stream.write("2024-06-22T10:00:00Z,dee-11,dev-dee,page_view,/,,,\n")
    with pytest.raises(Violated, match=r"journeys.duckdb cannot be read .*run `journeys run --full`"):
        verify(copied_shop, quiet)
    assert "cannot be read; `journeys publish`" in status(copied_shop)["state"]
    said: list[str] = []
    assert doing(copied_shop, said.append).is_new
    assert "warning: the published file cannot be read: what it remembers of builds before it is lost" in said
    assert verify(copied_shop, quiet)
    assert not wrong.parent.exists()


def test_a_published_file_of_which_the_half_is_gone_is_built_anew_by_a_full_run(copied_shop: Workspace) -> None:
    os.truncate(file_of(copied_shop), file_of(copied_shop).stat().st_size // 2)
    with pytest.raises(Violated, match=r"is damaged \(IOException\); run `journeys run --full`"):
        verify(copied_shop, quiet)
    assert run(copied_shop, quiet, is_full=True).is_new
    assert verify(copied_shop, quiet)


@pytest.mark.parametrize("damage", DAMAGES)
def test_commands_say_what_to_do_about_a_published_file_that_cannot_be_read(
    damage: str, copied_shop: Workspace, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    DAMAGES[damage](file_of(copied_shop))
    codes = {"verify": 18, "check": 16, "explain person ann-77": 16, "erase person ann-77": 16}
    for line, code in codes.items():
        assert command(line, copied_shop) == code
        assert "run `journeys " in capsys.readouterr().err


def test_commands_say_what_to_do_about_a_landed_file_that_is_gone(
    copied_shop: Workspace, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = landed(copied_shop)
    source = gone.parent.name
    gone.unlink()
    for line, code in {"verify": 18, "status": 0, "run": 16, "build --full": 16, "publish": 16}.items():
        assert command(line, copied_shop) == code
        said = "".join(capsys.readouterr())
        assert f"{gone} is in the manifest and gone; " in said
        assert f"`journeys land --again {source}`" in said
    assert command("show x", copied_shop) == 16
    assert command(f"land --again {source}", copied_shop) == 0
    assert command("run", copied_shop) == 0
    assert verify(copied_shop, quiet)


def test_a_ledger_that_does_not_balance_stops_publishing(
    copied_shop: Workspace, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    change_ledger(copied_shop, -1)
    for line, code in {"run": 14, "publish": 14, "status": 0}.items():
        assert command(line, copied_shop) == code
        assert "does not balance: " in "".join(capsys.readouterr())
    assert command(f"land --again {manifest.read(copied_shop.landing)[0].source}", copied_shop) == 0
    assert command("run", copied_shop) == 0
    assert verify(copied_shop, quiet)
