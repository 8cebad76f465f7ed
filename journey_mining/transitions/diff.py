"""Where two groups of journeys go different ways."""

import pandas as pd

from journey_mining.comparing.segments import REST, put_segments
from journey_mining.comparison import adjusted, difference_of_intervals
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def transition_diff(steps: Steps, column: str, a: object, b: object = REST, by: By | None = None) -> pd.DataFrame:
    """Compare the transitions of journeys whose first step has the value `a` in a column with those that have `b`.

    `a` and `b` are values or lists of values; `b` is all other journeys by default. One row per pair, the most frequent
    first: from, to, then for each side n_transitions, n_people, probability (the share of `from`'s transitions), low,
    high (95 %, clustered by person); difference (of the probabilities, a minus b), difference_low, difference_high,
    p_value, p_adjusted (over all rows: Benjamini and Hochberg 1995). Mature journeys only. Swapping `a` and `b` turns
    the sign and nothing else. Where a side never left `from`, it has no probability and there is no difference.
    `attrs["sql"]` gives the columns before `difference`, `attrs["segments"]` says what a and b are.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabb"), "person_id": list("aabb"), "step_number": [1, 2, 1, 2], "device": list("mmdd"),
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02"] * 2), "stage": ["home", "buy", "home", "help"]})
    >>> transition_diff(steps, "device", "m", "d")[["from", "to", "probability_a", "probability_b", "difference"]].head(3)
          from     to  probability_a  probability_b  difference
    0  (start)   home            1.0            1.0         0.0
    1      buy  (end)            1.0            NaN         NaN
    2     help  (end)            NaN            1.0         NaN

    See also: `transitions`, `compare`.
    """
    with opened(steps, by, needs=(column,)) as analysis:
        segments = put_segments(analysis, column, a, b)
        table = analysis.table("transitions/diff")
    found = difference_of_intervals(table, "probability")
    found["p_adjusted"] = adjusted(found["p_value"])
    diff = pd.concat([table.drop(columns="correlation"), found], axis=1)
    diff.attrs = table.attrs | {"segments": segments}
    return diff
