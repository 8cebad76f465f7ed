"""Start `journeys` as a process of its own, cheaply: forked from a process that has imported everything already."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipelines import cli, entry, models, run  # noqa: F401 (cli and run: what takes long to load)
from pipelines.pages import environment

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["pytest", "tests.faults.runs"])
TIMEOUT = 300.0


def warm_up() -> None:
    """Compile the templates and order the models, which each process would do anew."""
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    models.last_uses(models.build_order(models.models()))


warm_up()


def start(
    root: Path, command: str = "run", fault: str = "", prepare: Callable[[], object] | None = None
) -> BaseProcess:
    """Start a command on a workspace; with a fault like L5:enospc in it. `prepare` runs in the new process first."""
    process = CONTEXT.Process(target=_run, args=(root, command, fault, prepare), daemon=True)
    process.start()
    return process


def journeys(
    root: Path, command: str = "run", fault: str = "", prepare: Callable[[], object] | None = None
) -> int | None:
    """Run a command to its end; the exit code, negative when a signal ended it."""
    return finish(start(root, command, fault, prepare))


def finish(process: BaseProcess) -> int | None:
    """Wait for a command; its exit code, negative when a signal ended it."""
    process.join(TIMEOUT)
    if process.is_alive():
        process.kill()
        raise TimeoutError(f"still running after {TIMEOUT} seconds")
    return process.exitcode


def said(root: Path) -> str:
    """What all commands on a workspace have written to the terminal."""
    return log(root).read_text()


def log(root: Path) -> Path:
    return root.with_name(f"{root.name}.log")


def _run(root: Path, command: str, fault: str, prepare: Callable[[], object] | None) -> None:
    handle = os.open(log(root), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.environ["JOURNEYS_FAILPOINT"] = fault
    if prepare:
        prepare()
    sys.argv = ["journeys", *command.split(), "--workspace", str(root)]
    entry.main()
