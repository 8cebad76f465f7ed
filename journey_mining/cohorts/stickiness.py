"""On how many days of a week or month people are active."""

from typing import Literal

import pandas as pd

from journey_mining.calendar import require_period
from journey_mining.cohorts.acts import Names, put_acts
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def stickiness(
    steps: Steps,
    period: Literal["week", "month"] = "week",
    names: Names = None,
    zone: str | None = None,
    by: By | None = None,
) -> pd.DataFrame:
    """Count the people by the number of days of a week or month, in a time zone (by default the log's), on which they are active.

    One row per period in which anybody is active and number of days from 1 to all of it, and per number one over all
    whole periods: period (the local day it begins on, weeks on Monday; '(all)' comes first), n_days, n_people (with a
    step, or one of `names`, on exactly so many days), n_active (on any day of the period), share (n_people / n_active),
    low, high (95 %, clustered by person), is_finished (the period is wholly in the log: over as of then, and not begun
    before the day of the first step). Unfinished periods are not in '(all)', where a person counts once per period.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]), "stage": "visit"})
    >>> stickiness(steps)[["period", "n_days", "n_people", "n_active", "share", "is_finished"]].head(2)
           period  n_days  n_people  n_active  share  is_finished
    0  2024-04-29       1         1         2    0.5        False
    1  2024-04-29       2         1         2    0.5        False

    See also: `retention`: who is active often need not be who comes back later.
    """
    require_period(period, ("week", "month"))
    with opened(steps, by) as analysis:
        put_acts(analysis, period, zone, names, names)
        return analysis.table("cohorts/stickiness")
