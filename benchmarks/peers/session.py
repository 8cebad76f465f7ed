"""How a tool is measured on the families of path analysis: from a Parquet file to the answer, and asked again."""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FUNNEL = ("view_item", "add_to_cart", "begin_checkout", "purchase")
N_STEPS = 10
GAP = "30m"

Families = dict[str, Callable[[Any], object]]


def session(load: Callable[[Path], Any], families: Families) -> None:
    """Load the log named on the command line, ask for the families named there (by default all), and all of it again.

    The last line says how long it took: loading and the first answers are `seconds`, the second answers `warm`.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path, help="a Parquet file: path_id, event, occurred_at (whole seconds, UTC)")
    parser.add_argument("family", nargs="*", help=f"of {', '.join(families)}")
    given = parser.parse_args()
    asked = given.family or list(families)
    started, cpu_started = time.perf_counter(), time.process_time()
    log = load(given.log)
    cold = {"load": time.perf_counter() - started}
    cold |= {family: _seconds(families[family], log) for family in asked}
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    warm = {family: _seconds(families[family], log) for family in asked}
    warm_cpu_seconds = time.process_time() - cpu_started - cpu_seconds
    said = {"seconds": seconds, "cpu_seconds": cpu_seconds, "cold": cold}
    print(json.dumps(said | {"warm": sum(warm.values()), "warm_cpu_seconds": warm_cpu_seconds}))


def _seconds(ask: Callable[[Any], object], log: Any) -> float:
    started = time.perf_counter()
    ask(log)
    return time.perf_counter() - started
