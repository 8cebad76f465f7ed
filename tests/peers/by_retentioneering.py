"""The answers of retentioneering."""

import os
from collections.abc import Iterator

import pandas as pd

from tests.peers.answers import N_STEPS, Answer, asked, tell

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before it is imported: it reports home otherwise
from retentioneering import Eventstream

SCHEMA = {"path_cols": ["person"], "event_col": "event", "timestamp_col": "at", "segment_cols": ["segment"]}
WEIGHTS = {
    "journeys with a transition": "unique_paths",
    "share of all transitions": "share_of_total",
    "transitions per journey": "avg_per_path",
    "probability": "proba_out",
    "probability in": "proba_in",
    "median seconds": "time_median",
    "95 % quantile of seconds": "time_q95",
}
OURS = {"path_start": "(start)", "path_end": "(end)"}


def solve(log: pd.DataFrame) -> Iterator[Answer]:
    """Take people as paths."""
    stream = Eventstream(log, SCHEMA)
    yield from _moves("transitions", stream.transition_graph_data(edge_weight="count"))
    yield from _cells("step matrix", stream.step_matrix_data(max_steps=N_STEPS))
    for question, about in asked(log):
        if question in WEIGHTS:
            yield from _moves(question, stream.transition_graph_data(edge_weight=WEIGHTS[question]))
        elif question == "funnel":
            for position, step in enumerate(stream.funnel_data(steps=about)["steps"], 1):
                yield question, f"{' > '.join(about)}, {position}", step["unique_paths"]
        elif question == "step matrix, anchored":
            (matrix,) = stream.step_matrix_data(max_steps=N_STEPS, anchor=about)
            yield from _cells(question, matrix)
        elif question == "step matrix, difference":
            difference, _, _ = stream.step_matrix_data(max_steps=N_STEPS, diff=("segment", *about))
            yield from _cells(question, difference)
        elif question == "transitions, difference":
            difference, _, _ = stream.transition_graph_data(edge_weight="count", diff=("segment", *about))
            yield from _moves(question, difference)


def _moves(question: str, matrix: pd.DataFrame) -> Iterator[Answer]:
    """A matrix of transitions; of times, those between events only."""
    if question.endswith("seconds"):
        matrix = matrix.drop(index="path_start", columns="path_end").apply(lambda times: times.dt.total_seconds())
    for (source, target), value in matrix.rename(index=OURS, columns=OURS).stack().items():
        yield question, f"{source} > {target}", value


def _cells(question: str, matrix: pd.DataFrame) -> Iterator[Answer]:
    """The shares of names at steps; how many have ended is what is left."""
    for (name, step), share in matrix.drop(index=["path_start", "path_end"], errors="ignore").stack().items():
        yield question, f"{step}: {name}", share


if __name__ == "__main__":
    tell(solve)
