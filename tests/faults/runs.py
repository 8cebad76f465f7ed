"""Run `journeys` on a workspace with a fault in it."""

from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import commands


def start(
    root: Path, command: str = "run", fault: str = "", prepare: Callable[[], object] | None = None
) -> BaseProcess:
    """Start a command on a workspace; with a fault like L5:enospc in it. `prepare` runs in the new process first."""
    args, told = [*command.split(), "--workspace", str(root)], log(root)
    return commands.start(args, told, told, {"JOURNEYS_FAILPOINT": fault}, prepare)


def journeys(
    root: Path, command: str = "run", fault: str = "", prepare: Callable[[], object] | None = None
) -> int | None:
    """Run a command to its end; the exit code, negative when a signal ended it."""
    return commands.finish(start(root, command, fault, prepare))


def said(root: Path) -> str:
    """What all commands on a workspace have written to the terminal."""
    return log(root).read_text()


def log(root: Path) -> Path:
    return root.with_name(f"{root.name}.log")
