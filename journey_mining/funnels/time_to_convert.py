"""How long it takes to come through a funnel."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, Unpack

import pandas as pd

from journey_mining.errors import ArgumentError
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.kaplan_meier import kaplan_meier
from journey_mining.funnels.matching import known_until, matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps


def time_to_convert(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    *,
    since: Literal["previous", "entry"] = "previous",
    **how: Unpack[How],
) -> pd.DataFrame:
    """Return how many seconds attempts took to each stage, from the stage before or from their entry.

    One row per stage after the first: stage, position, n_entries, mean_seconds, p10_seconds, p25_seconds,
    median_seconds, p75_seconds, p90_seconds (exact, continuous). They are about those who came there: for how many ever
    will, and when, see `conversion_curve`. `attrs["since"]` says what they count from. The other arguments are those of
    `funnel`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b", "b"], "person_id": ["ann", "ann", "bob", "bob"], "step_number": [1, 2, 1, 2],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00", "2024-05-01 11:00"]),
    ...     "stage": ["cart", "buy", "cart", "buy"]})
    >>> time_to_convert(steps, ["cart", "buy"])[["stage", "n_entries", "mean_seconds", "median_seconds"]]
      stage  n_entries  mean_seconds  median_seconds
    0   buy          2        5400.0          5400.0
    """
    if since not in ("previous", "entry"):
        raise ArgumentError(f"since: 'previous' or 'entry', not {since!r}")
    with matched(steps, defined(stages, window, **how)) as analysis:
        times = analysis.table("funnels/time_to_convert", {"is_since_entry": since == "entry"})
    times.attrs["since"] = since
    return times


def conversion_curve(
    steps: Steps, stages: Sequence[Stage], window: str | timedelta | None = None, **how: Unpack[How]
) -> pd.DataFrame:
    """Estimate which share of all who enter is converted how long after their entry, the open ones counted in.

    One row per time at which somebody was converted (at most 200 of them, evenly by rank): seconds, n_at_risk
    (neither converted nor out of sight before), converted_share, low, high (95 %). By Kaplan and Meier (1958), the
    interval by the log-log transform (Kalbfleisch and Prentice, 1980) of Greenwood's error, which is widened where
    the attempts of a person are alike (the clustered variance of Ying and Wei, 1994); missing where all are converted
    or one person is all. An attempt without conversion leaves the sample when its window is over or, sooner, where
    what is known ends; one that an excluded step ended stays until then. `entry` is "first" unless you say otherwise:
    the best of several is known only afterwards. The other arguments are those of `funnel`; `attrs["sql"]` gives the
    counts that the curve is made from.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b", "c"], "person_id": ["ann", "ann", "bob", "cid"], "step_number": [1, 2, 1, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00",
    ...                                    "2024-05-01 09:30"]),
    ...     "stage": ["cart", "buy", "cart", "cart"]})
    >>> conversion_curve(steps, ["cart", "buy"])[["seconds", "n_at_risk", "converted_share"]]
       seconds  n_at_risk  converted_share
    0   3600.0          2              0.5
    """
    how.setdefault("entry", "first")
    wanted = defined(stages, window, **how)
    with matched(steps, wanted) as analysis:
        rules = {"window_us": wanted.window_us, "as_of": known_until(analysis, wanted)}
        analysis.run("funnels/conversion_times_made", rules)
        times = analysis.table("funnels/conversion_times")
        repeaters = analysis.run("funnels/conversion_times_of_repeaters").df()
    curve = kaplan_meier(times, repeaters)
    curve.attrs["sql"] = times.attrs["sql"]
    return curve
