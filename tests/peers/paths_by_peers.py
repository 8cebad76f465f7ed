"""What retentioneering and pm4py say of transitions and paths. Runs in an environment that has them, and knows no code of ours.

python tests/peers/paths_by_peers.py LOGS.parquet ANSWERS.parquet
"""

import os
import sys

import pandas as pd

os.environ["RETENTIONEERING_NO_TRACK"] = "1"  # before it is imported: it reports home otherwise
import pm4py
from retentioneering import Eventstream

WEIGHTS = {
    "n_transitions": "count",
    "n_journeys": "unique_paths",
    "share": "share_of_total",
    "per_journey": "avg_per_path",
    "probability": "proba_out",
    "probability_in": "proba_in",
    "median_seconds": "time_median",
    "p95_seconds": "time_q95",
}
OURS = {"path_start": "(start)", "path_end": "(end)"}
PM4PY = {"person": "case:concept:name", "event": "concept:name", "at": "time:timestamp"}


def by_retentioneering(log):
    stream = Eventstream(log, {"path_cols": ["person"], "event_col": "event", "timestamp_col": "at"})
    for column, weight in WEIGHTS.items():
        matrix = stream.transition_graph_data(edge_weight=weight).rename(index=OURS, columns=OURS)
        if column.endswith("_seconds"):
            matrix = matrix.drop(index="(start)", columns="(end)").apply(lambda times: times.dt.total_seconds())
        for (source, target), value in matrix.stack().items():
            if value == value and (value or column.endswith("_seconds")):
                yield column, f"{source} > {target}", float(value)


def by_pm4py(log):
    cases = log.sort_values("at", kind="stable").rename(columns=PM4PY)
    cases["time:timestamp"] = cases["time:timestamp"].dt.tz_localize("UTC")
    inner, starts, ends = pm4py.discover_dfg(cases)
    pairs = {
        **inner,
        **{("(start)", name): n for name, n in starts.items()},
        **{(name, "(end)"): n for name, n in ends.items()},
    }
    yield from (("n_transitions", f"{source} > {target}", n) for (source, target), n in pairs.items())
    yield from (("variant", " > ".join(path), n) for path, n in pm4py.get_variants(cases).items())
    # Ours is a return after something else: a run of one name counts once.
    is_repeat = (cases["concept:name"] == cases.groupby("case:concept:name")["concept:name"].shift()).to_numpy()
    yield from (("rework", name, n) for name, n in pm4py.get_rework_cases_per_activity(cases[~is_repeat]).items())


if __name__ == "__main__":
    rows = []
    for name, log in pd.read_parquet(sys.argv[1]).groupby("log", sort=False):
        log = log.drop(columns="log").reset_index(drop=True)
        for tool, solve in (("retentioneering", by_retentioneering), ("pm4py", by_pm4py)):
            rows += [(name, tool, *answer) for answer in solve(log)]
    pd.DataFrame(rows, columns=["log", "tool", "question", "about", "value"]).to_parquet(sys.argv[2])
