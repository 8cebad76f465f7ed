"""What catches the eye in a transition graph, counted: loops, back and forth, returns, dead ends."""

import pandas as pd

from journey_mining.prepared import By
from journey_mining.steps import Steps, mined


def findings(steps: Steps, by: By | None = None) -> pd.DataFrame:
    """Find where journeys turn in circles or end, the most frequent first.

    One row per finding: kind, name, other, n_times, n_journeys (in which it is), n_people, n_units (journeys that
    visited `name`), rate (n_journeys / n_units), low, high (95 %, clustered by person). Mature journeys only. The kinds:

    - self-loop: `name` directly follows itself. By stage a run of steps is one visit, so that there are none.
    - ping-pong: `name`, then `other`, then `name` again.
    - rework: `name` is returned to after something else.
    - dead end: nothing but `name` itself ever follows `name`, and no journey that visited it ends in success. Without a
      column `outcome` no end is a success, and the last page of a purchase is a dead end too.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a"] * 4, "person_id": ["ann"] * 4, "step_number": [1, 2, 3, 4],
    ...     "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["search", "cart", "search", "help"]})
    >>> findings(steps)[["kind", "name", "other", "n_times", "rate"]]
            kind    name other  n_times  rate
    0   dead end    help   NaN        1   1.0
    1  ping-pong  search  cart        1   1.0
    2     rework  search   NaN        1   1.0

    See also: `transitions`, `dropoff`.
    """
    return mined("transitions/findings", steps, by)
