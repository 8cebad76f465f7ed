"""The form in which every tool answers: one row per figure, so that answers can be compared without knowing them.

Read by the peers' own Python too, so it needs pandas alone.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

FUNNELS = (("a", "b"), ("a", "a"), ("b", "a", "c"), ("a", "b", "a", "b"))
"""The stages of the funnels, as ranks: `a` is the most frequent name of a log, `b` the next."""
N_STEPS = 6
SEGMENTS = ("x", "y")

Answer = tuple[str, str, float]
"""A question, what in it the figure is about, and the figure."""


def funnels(log: pd.DataFrame) -> Iterator[list[str]]:
    """Name the stages of the funnels of one log: those whose names it has."""
    names = log["event"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index
    rank = dict(zip("abc", names, strict=False))
    for stages in FUNNELS:
        if all(stage in rank for stage in stages):
            yield [rank[stage] for stage in stages]


def has_both_segments(log: pd.DataFrame) -> bool:
    """Whether there are two segments to compare."""
    return set(SEGMENTS) <= set(log["segment"])


def tell(solve: Callable[[pd.DataFrame], Iterator[Answer]]) -> None:
    """Run a tool on each log of a Parquet file, and write its answers; what is NaN was not answered."""
    parser = argparse.ArgumentParser()
    parser.add_argument("logs", type=Path, help="columns: log, person, event, at (whole seconds, UTC), segment")
    parser.add_argument("answers", type=Path)
    given = parser.parse_args()
    rows = [
        (name, *answer)
        for name, log in pd.read_parquet(given.logs).groupby("log", sort=False)
        for answer in solve(log.drop(columns="log").reset_index(drop=True))
    ]
    table = pd.DataFrame(rows, columns=["log", "question", "about", "value"]).astype({"value": float})
    table[table["value"].notna()].to_parquet(given.answers)
