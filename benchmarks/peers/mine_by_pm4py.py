"""The families that pm4py has."""

from pathlib import Path

import pandas as pd
import pm4py
from session import Families, session


def load(path: Path) -> pd.DataFrame:
    """A person is one case."""
    return pm4py.format_dataframe(
        pd.read_parquet(path), case_id="path_id", activity_key="event", timestamp_key="occurred_at", timest_format=None
    )


def transitions(cases: pd.DataFrame) -> object:
    """Counts, and the median of the times between."""
    return pm4py.discover_dfg(cases), pm4py.discover_performance_dfg(cases, perf_aggregation_key="median")


FAMILIES: Families = {
    "transitions": transitions,
    "variants": pm4py.get_variants,
}

if __name__ == "__main__":
    session(load, FAMILIES)
