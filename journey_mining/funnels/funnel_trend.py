"""How a funnel's rate goes from day to day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

import pandas as pd

from journey_mining.days import put_days
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.matching import known_until, matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps


def funnel_trend(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    zone: str | None = None,
    **how: Unpack[How],
) -> pd.DataFrame:
    """Return, for each local day of entry, the share of attempts that came through all stages.

    One row per day of `zone` (an IANA name, by default that of the log), from the first entry to the last:
    entered_on, n_entries, n_people, n_converted, conversion_rate, conversion_low, conversion_high (95 %, clustered by
    person), n_open (attempts too young to tell: in no other number), is_finished (nobody who entered that day can
    still be open), average_rate (over the finished days; the same in each row). A day on which nobody entered has no
    rate. What counts once in the funnel counts once here, on the day of the attempt that counts; with entry "all"
    every attempt on its own day. The arguments are those of `funnel`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b", "c"], "person_id": ["ann", "ann", "bob", "cid"], "step_number": [1, 2, 1, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00", "2024-05-02"],
    ...                                   format="ISO8601"), "stage": ["cart", "buy", "cart", "cart"]})
    >>> funnel_trend(steps, ["cart", "buy"], "1h")[["n_entries", "n_converted", "n_open", "is_finished"]]
       n_entries  n_converted  n_open  is_finished
    0          2            1       0        False
    1          0            0       1        False
    """
    wanted = defined(stages, window, **how)
    with matched(steps, wanted) as analysis:
        put_days(analysis, "day", zone)
        return analysis.table(
            "funnels/funnel_trend", {"matures_us": wanted.matures_us, "as_of": known_until(analysis, wanted)}
        )
