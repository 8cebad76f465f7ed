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


def cleaned(stream: Eventstream) -> list[pd.DataFrame]:
    """Names of one kind and rare ones together, repeats as one."""
    counts = stream.get_event_counts()
    named = stream.rename_events({name: "login" for name in counts if name.startswith("login_")})
    collapsed = named.collapse_events(loops=True)
    counts = collapsed.get_event_counts()
    rare = {name: "(other)" for name, n in counts.items() if n < 0.01 * sum(counts.values())}
    return transitions(collapsed.rename_events(rare))


def personas(stream: Eventstream) -> object:
    """How often a path has each of the most frequent names, and how long it is, in three groups."""
    names = sorted(stream.get_event_counts().items(), key=lambda one: -one[1])[:20]
    features = [{"metric": "event_count", "metric_args": {"event": name}} for name, _ in names]
    features += [{"metric": "length"}, {"metric": "duration"}]
    return stream.cluster_analysis_data(features, method_args={"n_clusters": 3})


FAMILIES: Families = {
    "transitions": transitions,
    "step matrix": lambda stream: stream.step_matrix_data(max_steps=N_STEPS),
    "funnel": lambda stream: stream.funnel_data(steps=list(FUNNEL)),
    "sessions": lambda stream: transitions(stream.split_sessions(timeout=GAP), "session_id"),
    "filter": lambda stream: transitions(stream.drop_events(["page_view"])),
    "sankey": lambda stream: stream.step_sankey_data(max_steps=N_STEPS),
    "cleaning": cleaned,
    "personas": personas,
}

if __name__ == "__main__":
    session(load, FAMILIES)
