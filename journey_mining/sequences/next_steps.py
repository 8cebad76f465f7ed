"""What follows when a journey has gone so far."""

from collections.abc import Sequence

import pandas as pd

from journey_mining.errors import ArgumentError
from journey_mining.names import require_steps
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def next_steps(steps: Steps, prefix: Sequence[str], anywhere: bool = False, by: By | None = None) -> pd.DataFrame:
    """Return what follows in journeys that begin with the visits of `prefix`; with `anywhere`, in each place they are.

    One row per name that comes next, or end of a journey, the most frequent first: name, n_times, n_people, share, low,
    high (95 %, clustered by person), n_open (places in open journeys: in no other number). The shares sum to 1.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aab"), "person_id": list("aab"), "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]), "stage": ["search", "buy", "search"]})
    >>> next_steps(steps, ["search"])[["name", "n_times", "share"]]
        name  n_times  share
    0  (end)        1    0.5
    1    buy        1    0.5
    """
    if isinstance(prefix, str) or not prefix:
        raise ArgumentError(f"prefix: give a list of at least one name, not {prefix!r}")
    with opened(steps, by) as analysis:
        require_steps(analysis, "prefix", prefix)
        analysis.put("prefix", pd.DataFrame({"position": range(1, len(prefix) + 1), "name": list(prefix)}))
        return analysis.table("sequences/next_steps", {"is_anywhere": anywhere})
