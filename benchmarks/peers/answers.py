"""What every peer is asked, and the form its answers take."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FUNNEL = ("view_item", "add_to_cart", "begin_checkout", "purchase")
GAP_SECONDS = 1800
N_STEPS = 10

Answers = dict[str, Any]
"""sessions: how many.  transitions: {"a > b": how often}, from `start` and to `end`.  funnel: sessions that came through
each event in this order.  steps: {"3: a": sessions whose third event is a}."""


def answer(solve: Callable[[Path], Iterator[tuple[str, Any]]]) -> None:
    """Run a peer on the log named on the command line; it yields each answer's name and value when it has it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path, help="a Parquet file: path_id, event, occurred_at (whole seconds, UTC)")
    log = parser.parse_args().log
    started, cpu_started = time.perf_counter(), time.process_time()
    answers: Answers = {}
    laps: dict[str, float] = {}
    for name, value in solve(log):
        answers[name], laps[name] = value, round(time.perf_counter() - started - sum(laps.values()), 3)
    cpu_seconds = time.process_time() - cpu_started
    print(json.dumps({"seconds": sum(laps.values()), "cpu_seconds": cpu_seconds, "laps": laps, "answers": answers}))
