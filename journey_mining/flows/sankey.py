"""Journeys unrolled step by step, ready to draw as a Sankey diagram without cycles."""

import pandas as pd

from journey_mining.errors import ArgumentError
from journey_mining.prepared import By
from journey_mining.steps import Steps, mined


def sankey_links(steps: Steps, max_steps: int = 8, top: int = 6, by: By | None = None) -> pd.DataFrame:
    """Count the journeys that go from one name in a column to another in the next; a column is the n-th visit.

    One row per link, column by column and the largest first: step (the column of the source), source, target,
    n_journeys. Column 0 is `(start)` and holds every journey, open ones too. An ended journey goes to `(success)`,
    `(dropped)`, `(active)`, `(open)`, or to `(end)` without a column `outcome`; after `max_steps` visits the rest
    goes to `(more)`. Per column the `top` largest names stay and the others are `(other)`: nothing is lost, what
    flows into a node flows out of it.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search"]})
    >>> sankey_links(steps)
       step   source  target  n_journeys
    0     0  (start)  search           2
    1     1   search   (end)           1
    2     1   search     buy           1
    3     2      buy   (end)           1

    See also: `transitions`, which counts the same pairs wherever they are in a journey.
    """
    for name, value in (("max_steps", max_steps), ("top", top)):
        if value < 1:
            raise ArgumentError(f"{name}: at least 1, not {value}")
    return mined("flows/sankey_links", steps, by, parameters={"max_steps": max_steps, "top": top})
