"""Everything that can be told of two groups of journeys, side by side, the surest difference first."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd

from journey_mining.comparing.segments import REST, put_dates, put_segments
from journey_mining.comparison import adjusted, difference_of_intervals
from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps, opened

Metric = Literal["success", "reach", "dropoff", "conversion"]
METRICS: tuple[Metric, ...] = get_args(Metric)
REACH_ALONE = "give metrics=['reach']"


def compare(
    steps: Steps,
    column: str,
    a: object,
    b: object = REST,
    metrics: Metric | Sequence[Metric] = METRICS,
    by: By | None = None,
) -> pd.DataFrame:
    """Compare the journeys whose first step has the value `a` in a column with those that have `b`, all others by default.

    `a` and `b` are values, or lists of values. One row per metric and stage (or touchpoint, or event): metric, name,
    then for each side n (mature journeys counted over), n_people, n_hits, rate, low, high (95 %, clustered by person,
    Wilson), n_open (open journeys: in no other number); difference (a minus b), difference_low, difference_high,
    p_value, p_adjusted (over all rows: Benjamini and Hochberg 1995), effect (Cohen's h, 1988: differences of rates near
    0 or 1 weigh more). The metrics:

    - success: of the journeys, those that succeeded. It has no name.
    - reach: of the journeys, those that visited the stage.
    - dropoff: of the journeys that visited the stage, those that dropped there.
    - conversion: of the journeys that visited the stage, those that succeeded.

    The intervals of the rates make that of the difference (Newcombe 1998, method 10), so that 0 of 3 is not taken for
    certain; that some people have journeys on both sides is accounted for (Zou and Donner 2008). The rows are ordered by
    what is left of the difference at the end of its interval that is nearer to 0. A segment is a choice, no experiment:
    a difference need not be an effect of the column. `attrs["segments"]` says what a and b are.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabcd"), "person_id": list("aabcd"), "step_number": [1, 2, 1, 1, 1], "device": list("mmmdd"),
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-01", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search", "search", "buy"]})
    >>> compare(steps, "device", "m", metrics=["reach"])[["name", "n_a", "rate_a", "n_b", "rate_b", "difference"]]
         name  n_a  rate_a  n_b  rate_b  difference
    0  search    2     1.0    2     0.5         0.5
    1     buy    2     0.5    2     0.5         0.0

    See also: `before_and_after`, `distance`.
    """
    metrics = _known(metrics)
    with opened(steps, by, needs_outcome=set(metrics) != {"reach"}, instead=REACH_ALONE, needs=(column,)) as analysis:
        segments = put_segments(analysis, column, a, b)
        return _compared(analysis, metrics, segments)


def before_and_after(
    steps: Steps,
    at: str | date,
    metrics: Metric | Sequence[Metric] = METRICS,
    by: By | None = None,
    zone: str | None = None,
) -> pd.DataFrame:
    """Compare the journeys that began at an instant or later (a) with those that began before (b), as `compare` does.

    `at` is a date, with which a day begins in `zone` (by default that of the log), or a datetime, in UTC unless it says
    another zone itself; or one of them as text: "2024-05-01", "2024-05-01 09:00". Journeys that are open are in no
    rate; those that began shortly before as of, and are mature already, are the ones that ended soon: leave `at` well
    before.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("abc"), "person_id": list("abc"), "step_number": 1, "stage": ["search", "search", "buy"],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"])})
    >>> before_and_after(steps, "2024-05-02", metrics=["reach"])[["name", "n_a", "rate_a", "n_b", "rate_b", "difference"]]
         name  n_a  rate_a  n_b  rate_b  difference
    0     buy    2     0.5    1     0.0         0.5
    1  search    2     0.5    1     1.0        -0.5
    """
    metrics = _known(metrics)
    with opened(steps, by, needs_outcome=set(metrics) != {"reach"}, instead=REACH_ALONE) as analysis:
        segments = put_dates(analysis, at, zone)
        return _compared(analysis, metrics, segments)


def _known(metrics: Metric | Sequence[Metric]) -> Sequence[Metric]:
    """Return the metrics asked for, one or several."""
    metrics = [metrics] if isinstance(metrics, str) else metrics
    for metric in metrics:
        if metric not in METRICS:
            raise ArgumentError(f"metrics: {unknown_name('metric', metric, METRICS)}")
    if not metrics:
        raise ArgumentError(f"metrics: name at least one of {', '.join(METRICS)}")
    return metrics


def _compared(analysis: Opened, metrics: Sequence[str], segments: tuple[str, str]) -> pd.DataFrame:
    """Return both sides of every metric, their difference and its rank."""
    table = analysis.table("comparing/compared", {"metrics": list(metrics)})
    rate_a, rate_b = (table[f"rate_{side}"].to_numpy(float) for side in "ab")
    found = difference_of_intervals(table)
    found["p_adjusted"] = adjusted(found["p_value"])
    found["effect"] = 2 * np.arcsin(np.sqrt(rate_a)) - 2 * np.arcsin(np.sqrt(rate_b))
    compared = pd.concat([table.drop(columns="correlation"), found], axis=1)
    low, high = found["difference_low"].to_numpy(float), found["difference_high"].to_numpy(float)
    nearest = np.where(low * high > 0, np.minimum(np.abs(low), np.abs(high)), 0)
    order = pd.DataFrame({"nearest": -nearest, "effect": -found["effect"].abs()}).sort_values(
        ["nearest", "effect"], kind="stable"
    )
    ranked = compared.loc[order.index].reset_index(drop=True)
    ranked.attrs = table.attrs | {"segments": segments}
    return ranked
