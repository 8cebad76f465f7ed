"""The whole paths that journeys took."""

import pandas as pd

from journey_mining.errors import require_whole
from journey_mining.prepared import By
from journey_mining.steps import Steps, mined


def variants(steps: Steps, top: int = 20, by: By | None = None) -> pd.DataFrame:
    """Return the `top` most frequent paths from first visit to last, and how much of all journeys they cover.

    One row per path, the most frequent first: path (a list of names), n_variants (1), n_journeys, n_people, share,
    cumulative_share (of this and all rows above), success_rate, success_low, success_high (95 %, clustered by person;
    missing without a column `outcome`), median_seconds (from the first step to the last), n_open (open journeys that
    came this way so far: in no other number). The last row, `(other)`, holds all other paths; n_variants tells how many.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabc"), "person_id": list("aabc"), "step_number": [1, 2, 1, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search", "search"]})
    >>> variants(steps)[["path", "n_journeys", "cumulative_share"]]
                path  n_journeys  cumulative_share
    0       [search]           2          0.666667
    1  [search, buy]           1          1.000000
    """
    require_whole(1, top=top)
    return mined("sequences/variants", steps, by, parameters={"top": top})
