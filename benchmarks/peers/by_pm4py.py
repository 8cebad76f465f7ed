"""The answers of pm4py; it knows no sessions, so these are marked with pandas."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pm4py
from answers import FUNNEL, GAP_SECONDS, N_STEPS, answer


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Take sessions as cases: the directly-follows graph, and counts over variants."""
    frame = pd.read_parquet(log).sort_values(["path_id", "occurred_at"], ignore_index=True)
    silence = frame["occurred_at"].diff() > pd.Timedelta(seconds=GAP_SECONDS)
    frame["session"] = (silence | (frame["path_id"] != frame["path_id"].shift())).cumsum().astype(str)
    cases = pm4py.format_dataframe(
        frame, case_id="session", activity_key="event", timestamp_key="occurred_at", timest_format=None
    )
    yield "sessions", int(cases["case:concept:name"].nunique())
    inner, starts, ends = pm4py.discover_dfg(cases)
    found = {f"{a} > {b}": int(n) for (a, b), n in inner.items()}
    found |= {f"start > {a}": int(n) for a, n in starts.items()} | {f"{a} > end": int(n) for a, n in ends.items()}
    yield "transitions", found
    variants = {path: int(n) for path, n in pm4py.get_variants(cases).items()}
    reached = Counter({position: 0 for position in range(len(FUNNEL))})
    for path, n in variants.items():
        for position in range(_depth(path)):
            reached[position] += n
    yield "funnel", [reached[position] for position in range(len(FUNNEL))]
    steps: Counter[str] = Counter()
    for path, n in variants.items():
        for position, event in enumerate(path[:N_STEPS], 1):
            steps[f"{position}: {event}"] += n
    yield "steps", dict(steps)


def _depth(path: tuple[str, ...]) -> int:
    rest, depth = iter(path), 0
    while depth < len(FUNNEL) and FUNNEL[depth] in rest:
        depth += 1
    return depth


if __name__ == "__main__":
    answer(solve)
