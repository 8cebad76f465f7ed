"""The mutation gate: put each seeded bug into a copy of the tree, run its tests there, and insist that one fails.

`python -m tests.mutants.run [NAME ...]` prints a row per mutant and ends with 1 if one survives, 2 if one does not apply or the
tests do not pass without any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutants import ROOT, Mutant, mutants

AT_ONCE = 2
SECONDS = 1800
"""A mutant whose tests take longer has survived; without any bug they must not."""


def main(names: list[str]) -> int:
    """Try all mutants, or those named, and tell by the exit code whether the suite found every one."""
    chosen = [mutant for mutant in mutants() if not names or mutant.name in names]
    try:
        for mutant in chosen:
            mutant.applied_to((ROOT / mutant.file).read_text())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    say(f"{'mutant':<34} {'seconds':>7}  killed by")
    try:
        seconds, failed = tried_without_bug(chosen)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"Without any bug the tests take longer than {SECONDS} seconds; run fewer mutants at once.\n")
        return 2
    if failed:
        sys.stderr.write(f"Without any bug {failed} fails; mend that first.\n")
        return 2
    say(f"{'(none)':<34} {seconds:>7.0f}  nothing")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(is_killed, chosen))
    say(f"{sum(verdicts)} of {len(verdicts)} killed")
    return 0 if all(verdicts) else 1


def tried_without_bug(chosen: list[Mutant]) -> tuple[float, str | None]:
    """Run the tests of mutants as they are, in each environment that a mutant names; tell the seconds and the first that fails."""
    seconds = 0.0
    for environment in {tuple(mutant.environment.items()) for mutant in chosen}:
        asked = [mutant.tests for mutant in chosen if tuple(mutant.environment.items()) == environment]
        tests = tuple(dict.fromkeys(test for each in asked for test in each))
        taken, failed = tried(tests, dict(environment), lambda tree: None)
        seconds += taken
        if failed:
            return seconds, failed
    return seconds, None


def is_killed(mutant: Mutant) -> bool:
    """Tell whether a test fails on a mutant, and print which."""

    def seed(tree: Path) -> None:
        file = tree / mutant.file
        file.write_text(mutant.applied_to(file.read_text()))

    try:
        seconds, killer = tried(mutant.tests, mutant.environment, seed)
    except subprocess.TimeoutExpired:
        seconds, killer = SECONDS, None
    say(f"{mutant.name:<34} {seconds:>7.0f}  {killer or 'SURVIVED: ' + mutant.bug}")
    return killer is not None


def tried(
    tests: tuple[str, ...], environment: Mapping[str, str], seed: Callable[[Path], None]
) -> tuple[float, str | None]:
    """Run tests in a copy of the tree that `seed` has changed; tell the seconds and the first that fails, if one does."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = Path(folder) / "tree"
        copy(tree)
        seed(tree)
        start = time.monotonic()
        failed = first_failure(tests, environment, tree)
        return time.monotonic() - start, failed


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def copy(tree: Path) -> None:
    """Copy what is under version control, as it is on the disk now."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def first_failure(tests: tuple[str, ...], environment: Mapping[str, str], tree: Path) -> str | None:
    """Run tests until one fails, and name that; None when all pass.

    Raises TimeoutExpired where they take too long, and RuntimeError when no test ran: that tells nothing.
    """
    variables = os.environ | environment | {"PYTHONPATH": str(tree), "HYPOTHESIS_PROFILE": "mutants"}
    command = [sys.executable, "-m", "pytest", "-x", "-rfE", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=tree, env=variables, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode == 0:
        return None
    if failed := re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE):
        return failed[1]
    raise RuntimeError(f"No test ran: {done.stdout[-2000:]}{done.stderr[-500:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
