"""A disk that is really full, at one place after another of a run; and files that may not grow."""

import resource
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import copy
from tests.faults.proof import assert_one_whole_build, assert_recovered, current
from tests.faults.runs import journeys, said
from tests.faults.size import rounds

FEW, MANY = 2, 20
N_SIZES = len(rounds(FEW, MANY))
MEGABYTE = 1_000_000
Disk = Callable[[float], Path]


@pytest.fixture
def disk(tmp_path: Path, yesterday: Path) -> Iterator[Disk]:
    """Mount a small disk with yesterday's workspace and so many megabytes of room; again to make it larger."""
    mounted = tmp_path / "disk"
    used = sum(path.stat().st_blocks * 512 for path in yesterday.rglob("*") if path.is_file() and not path.is_symlink())

    def mount(room: float) -> Path:
        size = f"size={used + 300_000 + int(room * MEGABYTE)}"
        if mounted.exists():
            subprocess.run(["mount", "-o", f"remount,{size}", mounted], check=True)
            return mounted / "shop"
        mounted.mkdir()
        tried = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", mounted], capture_output=True, text=True)
        if tried.returncode:
            pytest.skip(f"no small disk can be mounted here: {tried.stderr.strip()}")
        return copy(yesterday, mounted / "shop")

    yield mount
    subprocess.run(["umount", mounted], check=False, capture_output=True)


@pytest.mark.parametrize("number", rounds(FEW, MANY))
def test_a_run_that_fills_the_disk_leaves_a_whole_build(number: int, disk: Disk, yesterday: Path, today: Path) -> None:
    root = disk(20 * number / N_SIZES)
    code = fails_truthfully(root, yesterday, today)
    assert code == 17 or number > 0, "a disk without any room was enough"
    disk(100)
    assert journeys(root) == 0, said(root)
    assert_recovered(root, today)


@pytest.mark.parametrize("number", rounds(FEW, MANY))
def test_a_run_whose_files_may_not_grow_leaves_a_whole_build(
    number: int, root: Path, yesterday: Path, today: Path
) -> None:
    limit = int(6_000 * 1_500 ** (number / N_SIZES))
    code = fails_truthfully(root, yesterday, today, partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)))
    assert code == 17 or number > 0, f"files of {limit} bytes were enough"
    assert journeys(root) == 0, said(root)
    assert_recovered(root, today)


def fails_truthfully(root: Path, yesterday: Path, today: Path, prepare: Callable[[], object] | None = None) -> int:
    """Run and return the exit code; either it publishes, or it says that the machine failed and readers see what they saw."""
    code = journeys(root, prepare=prepare)
    assert_one_whole_build(root, yesterday, today)
    assert code in (0, 17), said(root)
    if code == 0:
        assert current(root).name == current(today).name
    return code
