"""What journeys do at each step: from their start, or around an anchor."""

import pandas as pd

from journey_mining.errors import ArgumentError, require_columns, require_whole
from journey_mining.flows.anchors import Anchor, centre_around
from journey_mining.flows.matches import find_matches
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def step_matrix(
    steps: Steps,
    max_steps: int = 10,
    top: int | None = None,
    by: By | None = None,
    anchor: str | Anchor | None = None,
    pattern: str | None = None,
) -> pd.DataFrame:
    """Tell which share of the journeys has which name at which step: from the start, or around a place in them.

    One row per step and name that is there: part, step, name, n_journeys, n_people, share, share_low, share_high (95 %),
    share_error, n_open, coverage. Each step's shares sum to 1: what has not begun is `(start)`, what is over `(ended)`.
    Per step the `top` largest names stay, and the others are `(other)`.

    Without `anchor` and `pattern` step 0 is the start, and step k the k-th visit, up to `max_steps`. With an `anchor`
    (a name, a pattern, or an `Anchor`) step 0 is its place, and steps go from -max_steps to max_steps. With a `pattern`
    of several parts, such as "cart->.*->purchase", each part has a matrix of its own, seen from its first position in
    the earliest match. Only journeys that have it count; `coverage` is their share of all. Open journeys are in n_open
    alone: nobody knows whether they are over. The interval is clustered by person (see `dropoff`).

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"]),
    ...     "stage": ["search", "buy", "search"]})
    >>> wide(step_matrix(steps, max_steps=2))
    step       0    1    2
    name
    (start)  1.0  0.0  0.0
    search   0.0  1.0  0.0
    buy      0.0  0.0  0.5
    (ended)  0.0  0.0  0.5

    See also: `sankey`, with what lies between the steps.
    """
    require_whole(1, max_steps=max_steps, top=1 if top is None else top)
    if anchor is not None and pattern is not None:
        raise ArgumentError("anchor, pattern: give one; an anchor has one matrix, a pattern one per part")
    with opened(steps, by) as analysis:
        if pattern is not None:
            find_matches(analysis, pattern)
            analysis.run("flows/parts")
        elif anchor is not None:
            centre_around(analysis, anchor)
        else:
            analysis.run("flows/whole")
        low = 0 if anchor is None and pattern is None else -max_steps
        analysis.run("flows/shown", {"low": low, "high": max_steps, "top": top, "after": None})
        analysis.run("flows/step_matrix_cells")
        analysis.run("flows/shares")
        return analysis.table("flows/step_matrix")


def wide(matrix: pd.DataFrame, value: str = "share", part: int = 1) -> pd.DataFrame:
    """Return one part of a step matrix with a row per name and a column per step; 0 where a name is not there.

    The largest name at any step comes first, `(other)` and `(ended)` last.

    >>> cells = pd.DataFrame({"part": 1, "step": [1, 1, 2], "name": ["cart", "help", "cart"], "share": [0.75, 0.25, 1.0]})
    >>> wide(cells)
    step     1    2
    name
    cart  0.75  1.0
    help  0.25  0.0
    """
    require_columns("matrix", ("part", "step", "name", value), matrix.columns)
    cells = matrix[matrix["part"] == part]
    table = cells.pivot(index="name", columns="step", values=value).fillna(0)
    fixed = {"(start)": 0, "(other)": 2, "(ended)": 3}
    size = table.abs().max(axis=1)
    return table.loc[sorted(table.index, key=lambda name: (fixed.get(name, 1), -size[name], name))]
