"""Who came through a funnel, and how far: the tables that every analysis of funnels reads.

`counted`: one row per attempt that counts; `reached`: one row per stage it came to; `attempts`: all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pandas as pd
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

from journey_mining.calendar import instant
from journey_mining.columns import column_of
from journey_mining.funnels.definition import Definition
from journey_mining.names import require_names
from journey_mining.steps import Opened, Steps, opened


@contextmanager
def matched(steps: Steps, funnel: Definition, column: str | None = None, is_split: bool = False) -> Iterator[Opened]:
    """Lend a connection on which `counted`, `reached` and `attempts` are made for a funnel.

    `column` is carried along with each touch as its `value`; if `is_split`, an attempt stays within one value of it.
    """
    needs = [*funnel.hold, *([column] if column else [])]
    with opened(steps, funnel.by, needs=dict.fromkeys(needs)) as analysis:
        _name_the_stages(analysis, funnel)
        _find_touches(analysis, funnel, column, is_split)
        _follow_attempts(analysis, funnel)
        rules = {
            "window_us": funnel.window_us,
            "matures_us": funnel.matures_us,
            "as_of": known_until(analysis, funnel),
            "last_position": funnel.mandatory[-1],
            "is_split": is_split,
        }
        analysis.run("funnels/attempts", rules)
        analysis.run(f"funnels/counted_{funnel.entry}")
        if funnel.on_exclude == "drop_person":
            analysis.run("funnels/counted_not_excluded")
        analysis.run("funnels/reached")
        for position in set(funnel.positions) - set(funnel.mandatory):
            analysis.run("funnels/reached_optional", {"position": position, "window_us": funnel.window_us})
        yield analysis


def known_until(analysis: Opened, funnel: Definition) -> datetime | None:
    """Return the instant (UTC) up to which steps are known by what was asked for, or nothing: by the log."""
    return None if funnel.as_of is None else instant(funnel.as_of, analysis.zone, "as_of")


def _name_the_stages(analysis: Opened, funnel: Definition) -> None:
    """Make `stages`, one row per position, `wanted`, the names each takes, and `barred`, the names that end an attempt."""
    rows = [
        {
            "position": position,
            "stage": funnel.label(position),
            "previous_position": funnel.before(position),
            "within_us": funnel.within_us(position),
            "is_optional": funnel.stages[position - 1].optional,
        }
        for position in funnel.positions
    ]
    analysis.put("stages", pd.DataFrame(rows, dtype=object))
    names = [(position, name) for position in funnel.positions for name in set(funnel.stages[position - 1].names)]
    analysis.put("wanted", pd.DataFrame(sorted(names), columns=["position", "name"]))
    positions, barred = [position for position, _ in funnel.barred], [name for _, name in funnel.barred]
    begins = funnel.stages if funnel.order == "any" else funnel.stages[:1]
    given = [name for stage in funnel.stages for name in stage.names]
    require_names(analysis, "stages", given, one_of=[name for stage in begins for name in stage.names])
    require_names(analysis, "exclude", barred)
    analysis.run("funnels/barred", {"positions": positions, "names": barred})


def _find_touches(analysis: Opened, funnel: Definition, column: str | None, is_split: bool) -> None:
    apart = [*funnel.hold, *([column] if column and is_split else [])]
    steps = analysis.con.table("steps")
    held = [column_of(steps, name).cast("VARCHAR") for name in apart]
    value = column_of(steps, column) if column else ConstantExpression(None)
    held_steps = steps.select(
        *map(ColumnExpression, ("journey_no", "step_number", "name", "occurred_at")),
        (FunctionExpression("list_value", *held) if held else ConstantExpression(None).cast("VARCHAR[]")).alias("held"),
        value.cast("VARCHAR").alias("value"),
    )
    analysis.view("held_steps", held_steps)
    if apart or funnel.count == "people":
        analysis.run("funnels/sequences_made", {"is_by_person": funnel.count == "people"})
    else:
        analysis.run("funnels/sequences")
    if funnel.is_logged and not funnel.barred:
        analysis.run("funnels/touches_logged")
        return
    analysis.run("funnels/touches", {"is_logged": funnel.is_logged, "ties_us": funnel.ties_us or 0})
    if funnel.barred:
        analysis.run("funnels/touches_barred")


def _follow_attempts(analysis: Opened, funnel: Definition) -> None:
    entries = {"is_first_enough": funnel.is_first_entry_enough, "is_logged": funnel.is_logged}
    if funnel.order == "any":
        analysis.run("funnels/chains_any_order", {"window_us": funnel.window_us, **entries})
        return
    analysis.run("funnels/chains", entries)
    for position in funnel.mandatory[1:]:
        following = {
            "position": position,
            "window_us": funnel.window_us,
            "sharing": funnel.ranks_sharing_names(position),
            "is_strict": funnel.order == "strict",
        }
        analysis.run("funnels/chains_next", following)
