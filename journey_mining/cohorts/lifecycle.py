"""Who is new, who stays, who comes back, who goes quiet."""

import pandas as pd

from journey_mining.calendar import Period
from journey_mining.cohorts.acts import Names, put_acts
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def lifecycle(
    steps: Steps, period: Period = "week", names: Names = None, zone: str | None = None, by: By | None = None
) -> pd.DataFrame:
    """Count, for each day, week or month of a time zone (by default the log's), the people by what they were in the period before.

    One row per period, also where nobody did anything: period_on (the local day it begins on, weeks on Monday),
    n_people (active: with a step, or one of `names`), of these n_new (never active before), n_returning (also active in
    the period before), n_resurrected (active before, but not in that period); n_dormant (active in the period before
    and not in this one); is_finished (False: the period is not over, the active can become more and the dormant
    fewer). n_returning + n_dormant is the n_people of the period before. Before its first step a log knows nobody: in
    its first periods many are new only to the log. People count over all their journeys.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-03", "2024-05-02"]), "stage": "visit"})
    >>> lifecycle(steps, "day").drop(columns="n_people")
       period_on  n_new  n_returning  n_resurrected  n_dormant  is_finished
    0 2024-05-01      1            0              0          0         True
    1 2024-05-02      1            0              0          1         True
    2 2024-05-03      0            0              1          1        False

    See also: `retention`, `stickiness`.
    """
    with opened(steps, by) as analysis:
        put_acts(analysis, period, zone, names, names)
        return analysis.table("cohorts/lifecycle")
