"""How long it takes to come through a funnel."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, Unpack
from warnings import catch_warnings, filterwarnings

import numpy as np
import pandas as pd
from scipy.stats import CensoredData, ecdf

from journey_mining.errors import ArgumentError
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.matching import known_until, matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps

MOST_POINTS = 200
"""A curve of more points looks no different."""


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
    will, and when, see `conversion_curve`. The other arguments are those of `funnel`.

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
        return analysis.table("funnels/time_to_convert", {"is_since_entry": since == "entry"})


def conversion_curve(
    steps: Steps, stages: Sequence[Stage], window: str | timedelta | None = None, **how: Unpack[How]
) -> pd.DataFrame:
    """Estimate which share of all who enter is converted how long after their entry, the open ones counted in.

    One row per time at which somebody was converted (at most 200 of them, evenly by rank): seconds, n_at_risk (neither
    converted nor out of sight before), converted_share, low, high (95 %). By Kaplan and Meier (1958), the interval by
    the log-log transform of Greenwood's error (Kalbfleisch and Prentice, 1980), attempts taken as independent; missing
    where the estimate has none. An attempt without conversion leaves the sample when its window is over or, sooner,
    where what is known ends; one that an excluded step ended stays until then. `entry` is "first" unless you say
    otherwise: the best of several is known only afterwards. The other arguments are those of `funnel`;
    `attrs["sql"]` gives the counts that the curve is made from.

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
        times = analysis.table("funnels/conversion_times", rules)
    curve = _kaplan_meier(times)
    curve.attrs["sql"] = times.attrs["sql"]
    return curve


def _kaplan_meier(times: pd.DataFrame) -> pd.DataFrame:
    """Return the curve of a table of seconds, is_converted and n_entries."""
    converted, censored = times[times["is_converted"]], times[~times["is_converted"]]
    if converted.empty:
        return pd.DataFrame(columns=["seconds", "n_at_risk", "converted_share", "low", "high"], dtype=float)
    sample = CensoredData(
        uncensored=np.repeat(converted["seconds"], converted["n_entries"]),
        right=np.repeat(censored["seconds"], censored["n_entries"]),
    )
    survival = ecdf(sample).sf
    with catch_warnings():
        filterwarnings("ignore", "The confidence interval is undefined")
        interval = survival.confidence_interval(0.95, method="log-log")
    every = np.sort(np.repeat(times["seconds"], times["n_entries"]))
    at = converted["seconds"].to_numpy()
    at = at[np.unique(np.linspace(0, len(at) - 1, MOST_POINTS).round().astype(int))]
    return pd.DataFrame(
        {
            "seconds": at,
            "n_at_risk": len(every) - np.searchsorted(every, at),
            "converted_share": 1 - survival.evaluate(at),
            "low": 1 - interval.high.evaluate(at),
            "high": 1 - interval.low.evaluate(at),
        }
    )
