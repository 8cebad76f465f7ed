"""How far journeys come through wanted stages."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, Unpack

import pandas as pd

from journey_mining.errors import ArgumentError, require_whole
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.matching import matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps


def funnel(
    steps: Steps, stages: Sequence[Stage], window: str | timedelta | None = None, **how: Unpack[How]
) -> pd.DataFrame:
    """Count the attempts that come through `stages`, within `window` ("7d") of the first.

    One row per stage: stage, position (from 1), n_entries (attempts that came there), n_journeys, n_people,
    share_of_first, share_of_previous, n_lost (of those at the stage before), low, high (of share_of_previous, not of
    share_of_first: 95 %, clustered by person), median_seconds (from the stage before), n_open (attempts that came there and are too young to
    tell: in no other number), n_excluded (of all attempts, those that an excluded step ended here).

    An attempt begins at a touch of the first stage and goes on with the first touch of the next that is not before.
    Every stage needs a touch of its own; `window` counts from the entry and includes its end. A stage is a name, a
    list of names of which any will do, or a `FunnelStage`. By `how`:

    - order: "ordered" (other steps may lie between), "strict" (none may), "any" (a row is then a number of stages).
    - entry: what counts of a journey: its "best" attempt (the longest, then the earliest; of those that are decided, if
      there is one), its "first", or "all" that do not overlap.
    - exclude: names, or `Exclusion`s between stages, that end an attempt; on_exclude: "drop_attempt" leaves it where it
      stood, "drop_person" takes the person out of the funnel, with all journeys.
    - hold: columns whose values stay the same through an attempt, such as order_key.
    - count: "journeys", or "people", whose journeys are then one sequence.
    - ties: at equal instants "either" order is right, or the one "logged"; a time ("2s") takes what is that close for
      one instant. Strict order is the one logged.
    - by: the alphabet of the names. One that none of its steps has, or had before the log was narrowed, is an error if
      it is known what is designed; else it counts nobody, unless it is nearly one there is, of another alphabet, or first.
    - as_of: the instant until which steps are known, by default as the log says; an attempt whose window was not over
      then is open. semantics: count as another tool does, some of them people; see docs/semantics.md.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00"]),
    ...     "stage": ["cart", "buy", "cart"]})
    >>> funnel(steps, ["cart", "buy"], "1h")[["stage", "n_entries", "n_lost", "median_seconds"]]
      stage  n_entries  n_lost  median_seconds
    0  cart          2       0             NaN
    1   buy          1       1          3600.0

    See also: `funnel_breakdown`, `time_to_convert`, `conversion_curve`, `funnel_trend`, `after_dropoff`,
    `conversion_drivers`.
    """
    with matched(steps, defined(stages, window, **how)) as analysis:
        analysis.run("funnels/stage_counts", {"is_whole": True})
        return analysis.table("funnels/funnel")


def funnel_breakdown(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    *,
    column: str,
    attribution: Literal["first", "last", "all"] | int = "first",
    top: int = 10,
    **how: Unpack[How],
) -> pd.DataFrame:
    """Count the funnel for each value of a column: the columns of `funnel` after `segment`, the value as text.

    An attempt belongs to the "first" value among its touches, to the "last", or to that at a position (who did not come
    there has none). "all" makes each value a funnel of its own, of the steps with this value alone: a person may be in
    several. The `top` values stay, the others are `(other)`, what has no value is `(none)`.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 10:00", "2024-05-01 09:00"]),
    ...     "stage": ["cart", "buy", "cart"], "device": ["phone", "laptop", "phone"]})
    >>> funnel_breakdown(steps, ["cart", "buy"], column="device", attribution="last")[["segment", "stage", "n_entries"]]
      segment stage  n_entries
    0  laptop  cart          1
    1  laptop   buy          1
    2   phone  cart          1
    3   phone   buy          0
    """
    wanted = defined(stages, window, **how)
    is_position = isinstance(attribution, int)
    if (is_position and attribution not in wanted.positions) or (
        not is_position and attribution not in ("first", "last", "all")
    ):
        raise ArgumentError(
            f"attribution: 'first', 'last', 'all' or a position, 1 to {len(wanted.stages)}, not {attribution!r}"
        )
    if not isinstance(column, str):
        raise ArgumentError(f"column: give the name of one column, not {column!r}")
    require_whole(1, top=top)
    with matched(steps, wanted, column, is_split=attribution == "all") as analysis:
        rule = {"attribution": "stage" if is_position else attribution}
        analysis.run("funnels/segments", rule | {"position": attribution if is_position else None, "top": top})
        analysis.run("funnels/stage_counts", {"is_whole": False})
        return analysis.table("funnels/funnel_breakdown")
