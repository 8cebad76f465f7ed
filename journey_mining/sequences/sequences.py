"""What many journeys have in common: sequences of names inside them, and those that set success apart."""

import pandas as pd

from journey_mining.comparison import adjusted, difference_of_intervals
from journey_mining.errors import ArgumentError, require_whole
from journey_mining.names import require_steps
from journey_mining.prepared import By
from journey_mining.steps import Opened, Steps, opened


def sequences(
    steps: Steps, max_length: int = 3, min_share: float = 0.05, gaps: bool = False, by: By | None = None
) -> pd.DataFrame:
    """Find the sequences of 2 to `max_length` names that at least a share of the mature journeys have.

    One row per sequence, the most frequent first: sequence (a list of names), n_times (with `gaps`, once per journey),
    n_journeys, n_people, share (of mature journeys), low, high (95 %, clustered by person), n_open (open journeys that
    have it: in no other number). Its visits follow each other directly; with `gaps` others may lie between. Longer
    sequences grow from frequent ones alone (Agrawal and Srikant 1995), which loses none.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aaab"), "person_id": list("aaab"), "step_number": [1, 2, 3, 1],
    ...     "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["home", "cart", "buy", "home"]})
    >>> sequences(steps, max_length=2)[["sequence", "n_journeys", "share"]]
           sequence  n_journeys  share
    0   [cart, buy]           1    0.5
    1  [home, cart]           1    0.5
    >>> sequences(steps, max_length=2, gaps=True)["sequence"].map(" ".join).tolist()
    ['cart buy', 'home buy', 'home cart']
    """
    with opened(steps, by) as analysis:
        _find(analysis, None, max_length, min_share, gaps)
        return analysis.table("sequences/sequences", {"min_length": 2})


def discriminative_sequences(
    steps: Steps,
    goal: str | None = None,
    max_length: int = 3,
    min_share: float = 0.05,
    gaps: bool = False,
    by: By | None = None,
) -> pd.DataFrame:
    """Find the sequences of 1 to `max_length` names that set won journeys apart from lost ones, the surest first.

    They are those that at least `min_share` of the mature journeys have, as in `sequences`. Won is what succeeded,
    lost what was dropped; or, with a `goal`, won is what reached that name, lost every other mature journey, and only
    what happened before the goal was first reached is looked at (else what comes with success would foretell it). One
    row per sequence: sequence, then for the journeys that have it (a) and those that do not (b) n, n_people, rate (of
    those, how many were won), low, high (95 %, clustered by person); odds_ratio, difference (of the rates, a minus
    b), difference_low, difference_high, p_value, p_adjusted (over all rows: Benjamini and Hochberg 1995).
    `attrs["sql"]` gives the columns before `difference`. What goes with success need not cause it.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabbc"), "person_id": list("aabbc"), "step_number": [1, 2, 1, 2, 1],
    ...     "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["search", "buy", "search", "buy", "home"]})
    >>> discriminative_sequences(steps, goal="buy")[["sequence", "n_a", "rate_a", "n_b", "rate_b", "difference"]]
       sequence  n_a  rate_a  n_b  rate_b  difference
    0  [search]    2     1.0    1     0.0         1.0
    1    [home]    1     0.0    2     1.0        -1.0
    """
    with opened(
        steps, by, needs_outcome=goal is None, instead="give goal='...', the name that is the goal"
    ) as analysis:
        if goal is not None:
            require_steps(analysis, "goal", [goal])
        _find(analysis, goal, max_length, min_share, gaps)
        table = analysis.table("sequences/discriminative", {"goal": goal})
    found = difference_of_intervals(table)
    found["p_adjusted"] = adjusted(found["p_value"])
    told = pd.concat([table.drop(columns="correlation"), found], axis=1)
    told = told.sort_values("p_value", kind="stable").reset_index(drop=True)
    told.attrs = table.attrs
    return told


def _find(analysis: Opened, goal: str | None, max_length: int, min_share: float, gaps: bool) -> None:
    """Make the tables `frequent` and `found` of all sequences up to a length."""
    require_whole(1, max_length=max_length)
    if not (isinstance(min_share, int | float) and 0 < min_share <= 1):
        raise ArgumentError(f"min_share: a share of journeys above 0 and up to 1, not {min_share!r}")
    analysis.run("sequences/played", {"goal": goal})
    analysis.run("sequences/begun", {"is_gapped": gaps})
    for length in range(1, max_length + 1):
        if length > 1:
            analysis.run("sequences/occurrences")
            analysis.run("sequences/gapped" if gaps else "sequences/adjacent")
        analysis.run("sequences/longer", {"min_share": min_share})
