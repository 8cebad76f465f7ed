"""Who was lost in a funnel, and what they did instead."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, Unpack, get_args

import pandas as pd

from journey_mining.errors import ArgumentError, require_whole, unknown_name
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.matching import matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps

Status = Literal["converted", "lost", "excluded", "open"]


def after_dropoff(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    *,
    top: int = 10,
    **how: Unpack[How],
) -> pd.DataFrame:
    """Count what came next in the journeys that were lost, also by an excluded step, after the last stage they reached.

    One row per stage and what came next, the most frequent first: stage, position, next (the next visit; by touchpoint
    or event the next step; or how the journey ended, `(dropped)`, `(end)` ...), n_entries, n_people, share (of those
    lost at this stage), low, high (95 %, clustered by person). Per stage the `top` names stay, the others are
    `(other)`. An attempt whose time ran out may have gone on later. The other arguments are those of `funnel`, the list
    of who it was is `funnel_entries`, those with the status 'lost' or 'excluded'.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00"]),
    ...     "stage": ["cart", "help", "cart"]})
    >>> after_dropoff(steps, ["cart", "buy"])[["stage", "next", "n_entries", "share"]]
      stage   next  n_entries  share
    0  cart  (end)          1    0.5
    1  cart   help          1    0.5
    """
    require_whole(1, top=top)
    with matched(steps, defined(stages, window, **how)) as analysis:
        analysis.run("funnels/attempts_ended")
        return analysis.table("funnels/after_dropoff", {"top": top})


def funnel_entries(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    *,
    status: Status | None = None,
    position: int | None = None,
    at_most: int = 1000,
    **how: Unpack[How],
) -> pd.DataFrame:
    """List the attempts that count, the latest entries first, `at_most` so many.

    One row each: journey_id, person_id, entered_at (UTC), status ('converted', 'lost', 'excluded' by a step that ended
    it, 'open': too young to tell), stage and position it stood on at its end, reached_at, next (what came after, as in
    `after_dropoff`). `status` and `position` narrow the list. The other arguments are those of `funnel`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00"]),
    ...     "stage": ["cart", "buy", "cart"]})
    >>> funnel_entries(steps, ["cart", "buy"], status="lost")[["journey_id", "person_id", "stage", "next"]]
      journey_id person_id stage   next
    0          b       bob  cart  (end)
    """
    wanted = defined(stages, window, **how)
    require_whole(1, at_most=at_most)
    if status is not None and status not in get_args(Status):
        raise ArgumentError(f"status: {unknown_name('status', str(status), get_args(Status))}")
    if position is not None and position not in wanted.positions:
        raise ArgumentError(f"position: 1 to {len(wanted.stages)}, not {position!r}")
    with matched(steps, wanted) as analysis:
        analysis.run("funnels/attempts_ended")
        narrowed = {"status": status, "position": position, "at_most": at_most}
        return analysis.table("funnels/funnel_entries", narrowed)
