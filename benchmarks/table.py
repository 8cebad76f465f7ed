"""Render what was measured as one Markdown table."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

ORDER = ("land", "limit", "full", "pages", "skew", "night", "peers")
HEADER = """\
# Benchmark

{machine}. Seconds are medians of wall time (fastest to slowest run), CPU those of all threads; each row is a process of its own, without its
start; memory is its peak, spill what it wrote aside at most. Rows of one size were measured in one run on the same data.

| what | events | seconds | CPU s | peak MB | spill MB | file MB | times | of | goal |
|---|---:|---:|---:|---:|---:|---:|---:|---|---:|
"""


MINING = """
## Path analysis
journey_mining beside retentioneering and pm4py, on one log: seconds from a Parquet file on disk to the answer, then asked
again, and the peak memory of the process in MB; in brackets, how many times ours. Medians of several rounds, unless it says one;
the tools took turns.

| what | events | ours s | again s | MB | retentioneering s | again s | MB | pm4py s | again s | MB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def table(raw: dict[str, Any]) -> str:
    """Write the rows in the order of ORDER, then how the full build grows, where its time goes, and path analysis."""
    by_key = {one["key"]: one | {"code": group["code"]} for group in raw.values() for one in group["rows"]}
    rows = [one for key, one in by_key.items() if not key.startswith("mining/")]
    rows.sort(key=lambda one: (ORDER.index(one["key"].split("/")[0]), one["n_events"]))
    text = HEADER.format(machine=machine()) + "".join(line(one) for one in rows)
    return text + growth(by_key) + models(by_key) + mining(by_key)


def mining(by_key: dict[str, Any]) -> str:
    """The tools side by side: one line per size and family."""
    ours = [one for key, one in by_key.items() if key.startswith("mining/") and key.endswith("/journeys")]
    return MINING + "".join(mining_line(one, by_key) for one in ours) if ours else ""


def mining_line(ours: dict[str, Any], by_key: dict[str, Any]) -> str:
    """Our cells, then those of each peer that has the family."""
    _, _, family, _ = ours["key"].split("/")
    rounds = " (one round)" if ours["fastest"] == ours["slowest"] else ""
    cells = [
        family,
        f"{ours['n_events']:,}{rounds}",
        *(f"{value:,.1f}" for value in costs(ours)[:2]),
        number(ours["peak_mb"]),
    ]
    for peer in ("retentioneering", "pm4py"):
        theirs = by_key.get(ours["key"].replace("/journeys", f"/{peer}"))
        pairs = zip(costs(theirs), costs(ours), strict=True) if theirs else ()
        cells += [f"{value:,.1f} ({value / own:.1f}x)" for value, own in pairs] or ["", "", ""]
    return "| " + " | ".join(cells) + " |\n"


def costs(one: dict[str, Any]) -> tuple[float, float, float]:
    """Seconds to the first answer, seconds to the second, and memory."""
    return one["seconds"], one["laps"]["again"], one["peak_mb"]


def line(one: dict[str, Any]) -> str:
    """One row of the table."""
    cells = [
        one["what"],
        f"{one['n_events']:,}",
        f"{one['seconds']:.2f} ({spread(one)})",
        f"{one['cpu_seconds']:.1f}",
        number(one["peak_mb"]),
        number(one["spill_mb"]),
        number(one["file_mb"]),
        "" if one["ratio"] is None else f"{one['ratio']:.3g}",
        one["against"] or "",
        one["goal"] or "",
    ]
    return "| " + " | ".join(cells) + " |\n"


def spread(one: dict[str, Any]) -> str:
    """From the fastest to the slowest run, where there are several."""
    return "one run" if one["fastest"] == one["slowest"] else f"{one['fastest']:.2f} to {one['slowest']:.2f}"


def number(value: float | None) -> str:
    """A whole number, or nothing."""
    return "" if value is None else f"{value:,.0f}"


def growth(by_key: dict[str, Any]) -> str:
    """How many times as long the full build of 100 million events takes as that of 10 million."""
    small, large = by_key.get("full/1e+07"), by_key.get("full/1e+08")
    if not (small and large):
        return ""
    ratio = large["seconds"] / small["seconds"] / (large["n_events"] / small["n_events"]) * 10
    apart = "" if small["code"] == large["code"] else ", measured before and after a change of the code"
    return (
        f"\nFrom 10 to 100 million events the full build takes {ratio:.1f} times as long (goal: at most 11){apart}.\n"
    )


def models(by_key: dict[str, Any]) -> str:
    """Where the time of the largest full build goes."""
    built = [one for key, one in by_key.items() if key.startswith("full/") and one["laps"]]
    if not built:
        return ""
    largest = max(built, key=lambda one: one["n_events"])
    laps = sorted(largest["laps"].items(), key=lambda lap: -lap[1])
    lines = "".join(f"| {name} | {seconds:.2f} |\n" for name, seconds in laps if seconds >= 0.01 * largest["seconds"])
    return f"\nWhere the time goes at {largest['n_events']:,} events:\n\n| step | seconds |\n|---|---:|\n{lines}"


def machine() -> str:
    """The machine and the versions that matter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    processor = names[0] if names else platform.machine()
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB; Python {platform.python_version()}, "
        f"DuckDB {version('duckdb')}"
    )
