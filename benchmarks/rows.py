"""The rows of the table: what is measured, and against what."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import SPECIAL, Shop, deliver, invent
from benchmarks.measure import Measurement, measured, middle, step
from connectors import manifest

HERE = Path(__file__).parent
WORK = HERE / "work"
NIGHTS = ((30, 10_000_000, "10 %"), (300, 30_000_000, "3 %"))
"""Days of history, events in them, and the goal: the most that one more day may cost, as a share of the full build."""


@dataclass(frozen=True)
class Row:
    """One line of the table; a figure that does not apply is None, `ratio` is to what `against` names."""

    key: str
    what: str
    n_events: int
    seconds: float
    fastest: float
    slowest: float
    cpu_seconds: float
    peak_mb: float
    spill_mb: float | None = None
    file_mb: float | None = None
    against: str | None = None
    ratio: float | None = None
    goal: str | None = None
    laps: dict[str, float] | None = None


def row(key: str, what: str, n_events: int, runs: list[Measurement], **more: Any) -> Row:
    """Sum up the runs of one measurement."""
    typical, times = middle(runs), [one.seconds for one in runs]
    return Row(
        key,
        what,
        n_events,
        typical.seconds,
        min(times),
        max(times),
        typical.cpu_seconds,
        typical.peak_mb,
        typical.spill_mb,
        **{"file_mb": typical.said.get("file_mb"), "laps": typical.said.get("laps"), **more},
    )


def full(n_events: int, repeat: int) -> Iterator[Row]:
    """A full build, and the limit on the same data in turn, under 4 GB; then the pages."""
    folder = shop_folder(Shop(n_events))
    builds, limits = [], []
    for _ in range(repeat):
        builds.append(build_anew(folder))
        limits.append(measured(step("limit", folder), folder))
    pages = [measured(step("pages", folder), folder) for _ in range(repeat)]
    shutil.rmtree(folder / "limit")
    n_rows = limits[0].said["n_events"]
    ratio = median(ratio_of(*pair) for pair in zip(builds, limits, strict=True))
    name = f"{n_events:.0e}"
    yield row(f"limit/{name}", "read and sort once: the limit", n_rows, limits)
    yield row(f"full/{name}", "full build", n_rows, builds, against="the limit", ratio=ratio, goal="4")
    yield row(f"pages/{name}", "its pages", n_rows, pages)


def ratio_of(one: Measurement, other: Measurement) -> float:
    """The ratio of two times that were measured in turn."""
    return one.seconds / other.seconds


def skew(n_events: int, repeat: int) -> Iterator[Row]:
    """One person with nine tenths of all events, under 300 MB."""
    folder = shop_folder(Shop(n_events, hot_share=0.9))
    runs = [build_anew(folder, "300MB") for _ in range(repeat)]
    yield row("skew", "full build under a limit of 300 MB, one person with 90 %", n_events, runs, goal="finishes")


def nights(n_days: int, n_events: int, goal: str, repeat: int) -> Iterator[Row]:
    """One more day on so many days of history, plain and with what makes a night dear."""
    base = shop_folder(Shop(n_events, n_days))
    whole = [build_anew(base) for _ in range(repeat)]
    key, history = f"night/{n_days}", f"{n_days} days"
    yield row(f"{key}/full", f"full build of {history}", n_events, whole)
    titles = {
        "day": "+1 day",
        "resting": "+1 day without the one whom no boundary ever cuts",
        "quiet": "+1 day without the hot people",
        "late": "+1 day, 1000 visits of it 150 days late",
        "merges": "+1 day, and people who turn out to be one",
    }
    for special, title in titles.items():
        runs = [night(base, special) for _ in range(repeat)]
        copy = middle(runs).said["laps"].get("copy the")
        ratio = (middle(runs).seconds - (copy or 0)) / middle(whole).seconds
        yield row(
            f"{key}/{special}",
            f"{title} on {history}" + (f", {copy:.1f} s of copying apart" if copy else ""),
            n_events,
            runs,
            against="the full build",
            ratio=ratio,
            goal=goal if special == "day" else None,
        )


def night(base: Path, special: str) -> Measurement:
    """Deliver one more day to a copy of a workspace, and build."""
    assert special in SPECIAL
    folder = base.with_name(f"{base.name}-{special}")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, symlinks=True, copy_function=link)
    deliver(folder, special)
    run = measured(step("build", folder), folder)
    shutil.rmtree(folder)
    return run


def link(source: str, target: str) -> None:
    """Landed files and builds never change, so a copy may share them; the rest is small and replaced as a whole."""
    Path(target).hardlink_to(source)


def build_anew(folder: Path, memory: str = "4GB") -> Measurement:
    """Build a workspace from its landed files alone."""
    shutil.rmtree(folder / "builds", ignore_errors=True)
    (folder / "current").unlink(missing_ok=True)
    return measured(step("build", folder, "--memory", memory), folder)


def shop_folder(shop: Shop) -> Path:
    """Find the workspace of a shop, or invent it."""
    folder = WORK / f"shop-{shop.n_events}-{shop.n_days}-{shop.hot_share}"
    if not manifest.path_of(folder / "landing").exists():
        invent(folder, shop)
    return folder
