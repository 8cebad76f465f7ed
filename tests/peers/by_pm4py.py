"""The answers of pm4py."""

from collections.abc import Iterator
from statistics import median

import pandas as pd
import pm4py

from tests.peers.answers import Answer, tell

COLUMNS = {"person": "case:concept:name", "event": "concept:name", "at": "time:timestamp"}


def solve(log: pd.DataFrame) -> Iterator[Answer]:
    """Take people as cases. It takes the rows of a case to lie together, in order."""
    cases = log.sort_values(["person", "at"], kind="stable", ignore_index=True).rename(columns=COLUMNS)
    cases["time:timestamp"] = cases["time:timestamp"].dt.tz_localize("UTC")
    inner, starts, ends = pm4py.discover_dfg(cases)
    yield from (("transitions", f"{a} > {b}", n) for (a, b), n in inner.items())
    yield from (("transitions", f"(start) > {name}", n) for name, n in starts.items())
    yield from (("transitions", f"{name} > (end)", n) for name, n in ends.items())
    for kind in ("mean", "median"):
        times, _, _ = pm4py.discover_performance_dfg(cases, perf_aggregation_key=kind)
        yield from ((f"{kind} seconds", f"{a} > {b}", seconds) for (a, b), seconds in times.items())
    variants = pm4py.get_variants(cases)
    yield from (("variants", " > ".join(path), n) for path, n in variants.items())
    first = min(variants, key=lambda path: (-variants[path], path))
    paths = cases.groupby("case:concept:name")["concept:name"].agg(tuple)
    of_first = cases["case:concept:name"].map(paths.map(lambda path: path == first))
    durations = pm4py.get_all_case_durations(cases[of_first])
    yield "median duration of the first variant", " > ".join(first), median(durations)
    # Ours is a return after something else: a run of one name counts once.
    is_repeated = (cases["concept:name"] == cases.groupby("case:concept:name")["concept:name"].shift()).to_numpy()
    rework = pm4py.get_rework_cases_per_activity(cases[~is_repeated])
    yield from (("journeys with rework", name, n) for name, n in rework.items())


if __name__ == "__main__":
    tell(solve)
