"""Fail when the pipeline got slower, by ratios measured in one run, whatever the machine: `make bench-guard`."""

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.data import Shop, invent
from benchmarks.measure import measured, middle, step
from benchmarks.rows import HERE, build_anew, night

BOUNDS = HERE / "bounds.json"
SHOP = Shop(n_events=300_000, n_days=30)
REPEAT = 3


def ratios(folder: Path) -> dict[str, float]:
    """Measure the full build against the limit, and one more day against the full build, in processor time.

    Other programs on the machine make it longer, but little.
    """
    invent(folder, SHOP)
    builds, limits, nights = [], [], []
    for _ in range(REPEAT):
        builds.append(build_anew(folder))
        limits.append(measured(step("limit", folder), folder))
        nights.append(night(folder, "day"))
    full = middle(builds).cpu_seconds
    return {"full_to_limit": full / middle(limits).cpu_seconds, "day_to_full": middle(nights).cpu_seconds / full}


def main() -> None:
    """Compare with the recorded bounds."""
    folder = Path(tempfile.mkdtemp(prefix="guard-"))
    try:
        found = ratios(folder / "shop")
    finally:
        shutil.rmtree(folder)
    bounds = json.loads(BOUNDS.read_text())
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} (at most {bounds[name]})")
    if over := [name for name, ratio in found.items() if ratio > bounds[name]]:
        raise SystemExit(
            f"Slower than recorded in {BOUNDS.name}: {', '.join(over)}. See benchmarks/NOTES.md for where time goes."
        )


if __name__ == "__main__":
    main()
