"""Where journeys end without success."""

import pandas as pd

from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def dropoff(steps: Steps, by: By | None = None) -> pd.DataFrame:
    """Return, for each stage (or touchpoint), the share of the journeys that came there and dropped out there, 0 to 1.

    One row each, the most visited first: stage (or touchpoint), n_journeys (mature ones that visited), n_people,
    n_dropped (dropped journeys whose last visit it was), dropoff_rate, dropoff_low, dropoff_high (95 %),
    dropoff_error (standard error), n_visits, exit_share (visits after which the journey dropped / visits), n_open
    (open journeys that visited: in no other number). A journey counts once, however often it returned.

    The error is that of a ratio estimator clustered by person (Cochran, Sampling Techniques, 1977, 2.11), since one
    person's journeys are alike; the interval is Wilson's with the number of units that would have this error.
    A single person has a rate but no interval.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search"], "outcome": ["succeeded", "succeeded", "dropped"]})
    >>> dropoff(steps)[["stage", "n_journeys", "n_dropped", "dropoff_rate", "dropoff_error"]]
        stage  n_journeys  n_dropped  dropoff_rate  dropoff_error
    0  search           2          1           0.5            0.5
    1     buy           1          0           0.0            NaN

    See also: `transitions`, whose probability of `(dropped)` is the exit_share.
    """
    with opened(steps, by, needs_outcome=True) as analysis:
        analysis.run("transitions/dropoff")
        return analysis.named_table("dropoff", analysis.by)
