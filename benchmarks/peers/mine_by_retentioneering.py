"""The families that retentioneering has, with the figures that we give."""

import os
from pathlib import Path

import pandas as pd
from session import FUNNEL, GAP, N_STEPS, Families, session

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before it is imported: it reports home otherwise
from retentioneering import Eventstream

WEIGHTS = ("count", "unique_paths", "proba_out", "time_median", "time_q95")


def load(path: Path) -> Eventstream:
    """A person is one path."""
    schema = {"path_cols": ["path_id"], "event_col": "event", "timestamp_col": "occurred_at"}
    return Eventstream(pd.read_parquet(path), schema)


def transitions(stream: Eventstream, path_col: str = "path_id") -> list[pd.DataFrame]:
    """One matrix per figure."""
    return [stream.transition_graph_data(edge_weight=weight, path_col=path_col) for weight in WEIGHTS]


FAMILIES: Families = {
    "transitions": transitions,
    "step matrix": lambda stream: stream.step_matrix_data(max_steps=N_STEPS),
    "funnel": lambda stream: stream.funnel_data(steps=list(FUNNEL)),
    "sessions": lambda stream: transitions(stream.split_sessions(timeout=GAP), "session_id"),
    "filter": lambda stream: transitions(stream.drop_events(["page_view"])),
}

if __name__ == "__main__":
    session(load, FAMILIES)
