"""The answers of retentioneering."""

import os
from collections.abc import Iterator

import pandas as pd

from tests.peers.answers import N_STEPS, SEGMENTS, Answer, funnels, has_both_segments, tell

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before it is imported: it reports home otherwise
from retentioneering import Eventstream

SCHEMA = {"path_cols": ["person"], "event_col": "event", "timestamp_col": "at", "segment_cols": ["segment"]}
WEIGHTS = {
    "count": "transitions",
    "unique_paths": "journeys with a transition",
    "proba_out": "probability",
    "time_median": "median seconds",
}
LARGE = 1000
"""From how many events on a log is asked everything."""
OURS = {"path_start": "(start)", "path_end": "(end)"}


def solve(log: pd.DataFrame) -> Iterator[Answer]:
    """Ask each tool about whole paths; of a small log, all of them about counts and each about one thing more."""
    stream = Eventstream(log, SCHEMA)
    asked = [(_moves, weight) for weight in WEIGHTS if weight != "count"]
    asked += [(_funnel, stages) for stages in funnels(log)]
    asked += [(_difference, SEGMENTS)] if has_both_segments(log) else []
    asked = asked if len(log) > LARGE else [asked[len(log) % len(asked)]]
    yield from _moves(stream, "count")
    yield from _cells("step matrix", stream.step_matrix_data(max_steps=N_STEPS))
    for ask, about in asked:
        yield from ask(stream, about)


def _moves(stream: Eventstream, weight: str) -> Iterator[Answer]:
    """A matrix of transitions; of times, those between events only."""
    matrix = stream.transition_graph_data(edge_weight=weight)
    if weight.startswith("time"):
        matrix = matrix.drop(index="path_start", columns="path_end").apply(lambda times: times.dt.total_seconds())
    for (source, target), value in matrix.rename(index=OURS, columns=OURS).stack().items():
        yield WEIGHTS[weight], f"{source} > {target}", value


def _funnel(stream: Eventstream, stages: list[str]) -> Iterator[Answer]:
    for position, step in enumerate(stream.funnel_data(steps=stages)["steps"], 1):
        yield "funnel", f"{' > '.join(stages)}, {position}", step["unique_paths"]


def _difference(stream: Eventstream, segments: tuple[str, str]) -> Iterator[Answer]:
    difference, _, _ = stream.step_matrix_data(max_steps=N_STEPS, diff=("segment", *segments))
    yield from _cells("step matrix, difference", difference)


def _cells(question: str, matrix: pd.DataFrame) -> Iterator[Answer]:
    """The shares of names at steps; how many have ended is what is left."""
    for (name, step), share in matrix.drop(index=["path_start", "path_end"]).stack().items():
        yield question, f"{step}: {name}", share


if __name__ == "__main__":
    tell(solve)
