"""Start `journeys` as a process of its own, cheaply: forked from a process that has imported everything already."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from pipelines import cli, entry, models, run  # noqa: F401 (cli and run: what takes long to load)
from pipelines.pages import environment

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["pytest", "tests.commands"])
TIMEOUT = 300.0


def warm_up() -> None:
    """Compile the templates and order the models, which each process would do anew."""
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    models.last_uses(models.build_order(models.models()))


warm_up()


def start(
    args: Sequence[str], out: Path, errors: Path, env: Mapping[str, str], prepare: Callable[[], object] | None = None
) -> BaseProcess:
    """Start a command that writes to these files, with these variables besides ours. `prepare` runs in it first."""
    process = CONTEXT.Process(
        target=_run, args=(args, out, errors, {**os.environ, **env}, os.getcwd(), prepare), daemon=True
    )
    process.start()
    return process


def _run(
    args: Sequence[str],
    out: Path,
    errors: Path,
    env: Mapping[str, str],
    folder: str,
    prepare: Callable[[], object] | None,
) -> None:
    for number, path in ((1, out), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    if prepare:
        prepare()
    sys.argv = ["journeys", *args]
    entry.main()


def finish(process: BaseProcess) -> int | None:
    """Wait for a command; its exit code, negative when a signal ended it."""
    process.join(TIMEOUT)
    if process.is_alive():
        process.kill()
        raise TimeoutError(f"still running after {TIMEOUT} seconds")
    return process.exitcode


def journeys(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and return what it said."""
    with tempfile.TemporaryDirectory() as folder:
        out, errors = Path(folder) / "out", Path(folder) / "errors"
        code = finish(start(args, out, errors, env))
        assert code is not None
        return subprocess.CompletedProcess(args, code, out.read_text(), errors.read_text())
