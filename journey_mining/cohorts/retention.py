"""Which share of the people who start come back, period after period."""

from datetime import timedelta
from typing import Literal, get_args

import pandas as pd

from journey_mining.calendar import Period
from journey_mining.cohorts.acts import Names, put_acts
from journey_mining.errors import ArgumentError, require_whole, unknown_name
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened

When = Literal["on", "on_or_after"]
Clock = Literal["calendar", "24h"]
Cohorts = Literal["first_time", "recurring"]
LENGTHS = {"day": timedelta(days=1), "week": timedelta(days=7)}


def retention(
    steps: Steps,
    start: Names = None,
    back: Names = None,
    period: Period = "day",
    when: When = "on",
    clock: Clock = "calendar",
    cohorts: Cohorts = "first_time",
    zone: str | None = None,
    offsets: int = 12,
    by: By | None = None,
) -> pd.DataFrame:
    """Return, for the people who start in a period, the share who are back so many periods later, 0 to 1.

    One row per cohort and offset that has begun, and per offset one over all cohorts that have finished it: cohort (the
    local day its period begins on, weeks on Monday; '(all)' comes first), offset (0 to `offsets`), n_cohorts, n_people
    (who entered), n_back, rate, low, high (95 %, clustered by person), is_finished (the offset is wholly observed for
    the whole cohort). An unfinished row can still rise, and is not in '(all)'.

    A person enters with the first step ever named in `start` (None: any step), or, where `cohorts` are "recurring",
    with the first of each period. A return is a step named in `back` that is not earlier than the entry, which counts
    itself where it is one: without `start` and `back` everybody is back at offset 0. By "calendar" the offset counts
    the days, weeks or months of `zone` (an IANA name, by default that of the log), whatever the clocks do; by "24h" it counts full 24 hours (or
    seven times as many) since the entry. "on_or_after" counts who is back at an offset or any later one, up to as-of:
    it still rises after the offset is over, most for young cohorts. People count over all their journeys; steps of
    nobody do not.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]), "stage": "visit"})
    >>> retention(steps)[["cohort", "offset", "n_people", "n_back", "rate", "is_finished"]]
           cohort  offset  n_people  n_back  rate  is_finished
    0       (all)       0         2       2   1.0         True
    1  2024-05-01       0         2       2   1.0         True
    2  2024-05-01       1         2       1   0.5        False

    See also: `lifecycle`, `stickiness`.
    """
    for what, value, known in (("when", when, When), ("clock", clock, Clock), ("cohorts", cohorts, Cohorts)):
        if value not in get_args(known):
            raise ArgumentError(f"{what}: {unknown_name('way', str(value), get_args(known))}")
    if clock == "24h" and period not in LENGTHS:
        raise ArgumentError("clock: a month is not a number of hours; take period='day' or 'week', or the calendar")
    require_whole(0, offsets=offsets)
    ways = {"when": when, "clock": clock, "cohorts": cohorts, "length": LENGTHS.get(period), "offsets": offsets}
    with opened(steps, by) as analysis:
        put_acts(analysis, period, zone, start, back)
        analysis.run("cohorts/retention_entries", ways)
        return analysis.table("cohorts/retention", ways)
