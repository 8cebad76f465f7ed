"""Journeys unrolled step by step, ready to draw as a Sankey diagram without cycles."""

import pandas as pd

from journey_mining.errors import require_whole
from journey_mining.flows.anchors import Anchor, centre_between
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def sankey(
    steps: Steps,
    max_steps: int = 8,
    top: int | None = 6,
    by: By | None = None,
    start: str | Anchor | None = None,
    end: str | Anchor | None = None,
) -> pd.DataFrame:
    """Count the journeys that go from one name in a column to another in the next; a column is the n-th visit.

    One row per link, column by column and the largest first: step (the column of the source), source, target,
    n_journeys, n_people, share (of all mature journeys in the table), share_low, share_high (95 %, clustered by person),
    share_error, n_open (open journeys that go this way, in no other number), coverage. `attrs["order"]` has the names
    in the order of journey.yaml, if the log is of a workspace.

    Column 0 is `(start)` and holds every journey. An ended journey goes to `(success)`, `(dropped)`, `(active)`, or to
    `(end)` without a column `outcome`, an open one to `(open)`; after `max_steps` visits the rest goes to `(more)`.
    Per column the `top` largest names stay and the others are `(other)`: nothing is lost, what flows into a node flows
    out of it.

    `start` and `end` (a name, a pattern, or an `Anchor`) leave the part of each journey from the one, to the other, or
    between them, and only journeys that have them: `coverage` is their share of all. What comes to its `end` goes to
    `(end)`. With an `end` alone column 0 is that, the steps before it have negative columns, and what began earlier
    comes from `(more)`. An `end` comes after the `start`, by default the first one after it.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search"]})
    >>> sankey(steps)[["step", "source", "target", "n_journeys", "share"]]
       step   source  target  n_journeys  share
    0     0  (start)  search           2    1.0
    1     1   search   (end)           1    0.5
    2     1   search     buy           1    0.5
    3     2      buy   (end)           1    0.5

    See also: `transitions`, which counts the same pairs wherever they are in a journey.
    """
    require_whole(1, max_steps=max_steps, top=1 if top is None else top)
    with opened(steps, by) as analysis:
        if start is None and end is None:
            analysis.run("flows/whole")
        else:
            centre_between(analysis, start, end)
        is_backwards = start is None and end is not None
        columns = {"low": 1 - max_steps, "high": 0} if is_backwards else {"low": 1, "high": max_steps}
        analysis.run("flows/shown", columns | {"top": top, "after": None if end is None else "(end)"})
        analysis.run("flows/sankey_cells")
        analysis.run("flows/shares")
        found = analysis.table("flows/sankey")
        found.attrs["order"] = analysis.order
        return found
