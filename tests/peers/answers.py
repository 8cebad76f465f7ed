"""The form in which every tool answers: one row per figure, so that answers can be compared without knowing them.

Read by the peers' own Python too, so it needs pandas alone.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

FUNNELS = (("a", "b"), ("a", "a"), ("b", "a", "c"), ("a", "b", "a", "b"))
"""The stages of the funnels, as ranks: `a` is the most frequent name of a log, `b` the next."""
N_STEPS = 6
SEGMENTS = ("x", "y")
LARGE = 1000
"""From how many events on a log is asked everything."""

Answer = tuple[str, str, float]
"""A question, what in it the figure is about, and the figure."""


def by_frequency(log: pd.DataFrame) -> list[str]:
    """The names of a log, the most frequent first."""
    return list(log["event"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index)


def asked(log: pd.DataFrame) -> list[tuple[str, Any]]:
    """What is asked of a log besides transitions and its step matrix: of a small one, one question in turn."""
    names = by_frequency(log)
    rank = dict(zip("abc", names, strict=False))
    wanted = [[rank.get(stage) for stage in stages] for stages in FUNNELS]
    questions: list[tuple[str, Any]] = [
        ("journeys with a transition", None),
        ("share of all transitions", None),
        ("transitions per journey", None),
        ("probability", None),
        ("probability in", None),
        ("median seconds", None),
        ("95 % quantile of seconds", None),
    ]
    questions += [("funnel", stages) for stages in wanted if None not in stages]
    questions += [("step matrix, anchored", names[0])]
    if set(SEGMENTS) <= set(log["segment"]):
        questions += [("step matrix, difference", SEGMENTS), ("transitions, difference", SEGMENTS)]
    return questions if len(log) > LARGE else [questions[len(log) % len(questions)]]


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
