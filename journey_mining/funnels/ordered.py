"""How far journeys come through stages in a given order."""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from journey_mining.errors import ArgumentError
from journey_mining.steps import Steps, opened


def funnel(steps: Steps, stages: Sequence[str], window: timedelta | None = None) -> pd.DataFrame:
    """Count the journeys that come through `stages` in this order, within `window` of the first.

    One row per stage: stage, position (from 1), n_journeys, n_people, share_of_first, share_of_previous, n_lost (of
    those at the stage before), low, high (95 %, clustered by person, of share_of_previous), median_seconds (from the
    touch of the stage before), n_open (open journeys that came this far: in no other number).

    Other steps may lie between. Every stage needs a touch of its own, not earlier than the one before (at equal
    instants either order is right); `window` counts from the first stage's touch and includes its end. Every touch of
    the first stage is an entry, and the best one counts: the longest, then the earliest. A stage named twice needs
    two touches.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00"]),
    ...     "stage": ["cart", "buy", "cart"]})
    >>> funnel(steps, ["cart", "buy"], timedelta(hours=1))[["stage", "n_journeys", "n_lost", "median_seconds"]]
      stage  n_journeys  n_lost  median_seconds
    0  cart           2       0             NaN
    1   buy           1       1          3600.0
    """
    if isinstance(stages, str) or not stages:
        raise ArgumentError(f"stages: give a list of at least one stage, not {stages!r}")
    if window is not None and window < timedelta(0):
        raise ArgumentError(f"window: a time cannot be negative, as {window} is; None is no limit")
    with opened(steps, "stage") as analysis:
        analysis.run("funnels/funnel_stages", {"stages": list(stages), "within": window})
        analysis.run("funnels/funnel_entries")
        for position in range(2, len(stages) + 1):
            analysis.run("funnels/funnel_next", {"position": position})
        return analysis.table("funnels/funnel")
