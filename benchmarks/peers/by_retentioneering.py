"""The answers of retentioneering."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from answers import FUNNEL, N_STEPS, answer

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before it is imported: it reports home otherwise
from retentioneering import Eventstream


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Load the log into an event stream, split it into sessions, and ask each tool."""
    schema = {"path_cols": ["path_id"], "event_col": "event", "timestamp_col": "occurred_at"}
    stream = Eventstream(pd.read_parquet(log), schema).split_sessions(timeout="30m")
    n_sessions = int(stream.to_dataframe()["session_id"].nunique())
    yield "sessions", n_sessions
    matrix = stream.transition_graph_data(edge_weight="count", path_col="session_id")
    counts = matrix.rename(index={"path_start": "start"}, columns={"path_end": "end"}).stack()
    yield "transitions", {f"{a} > {b}": int(n) for (a, b), n in counts.items() if n}
    steps = stream.funnel_data(steps=list(FUNNEL), path_col="session_id")["steps"]
    yield "funnel", [int(step["unique_paths"]) for step in steps]
    shares = stream.step_matrix_data(max_steps=N_STEPS, path_col="session_id").drop(index=["path_start", "path_end"])
    yield (
        "steps",
        {f"{step}: {event}": round(share * n_sessions) for (event, step), share in shares.stack().items() if share},
    )


if __name__ == "__main__":
    answer(solve)
