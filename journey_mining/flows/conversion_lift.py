"""How much likelier an end is after a start than in any journey."""

from datetime import timedelta

import pandas as pd

from journey_mining.durations import duration
from journey_mining.errors import require_whole
from journey_mining.flows.anchors import NOWHERE, Anchor, find_anchors
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def conversion_lift(
    steps: Steps,
    start: str | Anchor,
    end: str | Anchor,
    within: int | str | timedelta | None = None,
    by: By | None = None,
) -> pd.DataFrame:
    """Tell which share of the journeys with a start comes to an end after it, and how that compares with all journeys.

    One row: n_journeys (mature ones with the start), n_people, n_converted (the end lies after the start, `within` so
    many steps or a time such as "30m", both inclusive), rate, low, high (95 %), n_all (mature journeys), n_with_end (the
    end is anywhere in them), base_rate (its share of all), base_low, base_high, lift (rate / base_rate), lift_low,
    lift_high (missing where nobody was converted), n_open (open journeys with the start: in no other number).

    `start` and `end` are names, patterns or `Anchor`s: the first place unless they say another, and "(end)" or "(start)"
    are places, too. The end must lie after the start; of its places there, the occurrence that it asks for counts.
    Intervals are clustered by person (see `dropoff`); that of the lift is a ratio of two correlated ratios, linearized
    on the scale of logarithms (Cochran, Sampling Techniques, 1977, 6.19). A lift says what goes together, not why.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b", "c", "d"], "person_id": ["ann", "ann", "bob", "cem", "dee"],
    ...     "step_number": [1, 2, 1, 1, 1], "occurred_at": pd.to_datetime(["2024-05-01"] * 5),
    ...     "stage": ["help", "buy", "help", "home", "home"]})
    >>> conversion_lift(steps, "help", "buy")[["n_journeys", "n_converted", "rate", "base_rate", "lift"]]
       n_journeys  n_converted  rate  base_rate  lift
    0           2            1   0.5       0.25   2.0

    See also: `funnel`, for several stages and every attempt.
    """
    most_steps, most_time = _limits(within)
    with opened(steps, by) as analysis:
        analysis.put("starts", NOWHERE)
        find_anchors(analysis, end)
        analysis.run("flows/ends")
        find_anchors(analysis, start)
        analysis.run("flows/starts")
        find_anchors(analysis, end)
        return analysis.table("flows/conversion_lift", {"most_steps": most_steps, "most_time": most_time})


def _limits(within: int | str | timedelta | None) -> tuple[int | None, timedelta | None]:
    """Return the most steps and the most time; one of them at most is limited."""
    if within is None:
        return None, None
    if isinstance(within, int):
        require_whole(1, within=within)
        return within, None
    return None, duration(within, "within")
