"""The touches of journeys with channels, or with what else a column says, up to success."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from journey_mining.columns import column_of
from journey_mining.errors import ArgumentError
from journey_mining.markov.chain import NAME_SUCCESS, START, require_success
from journey_mining.prepared import ALPHABETS, RESERVED, By, execute
from journey_mining.steps import Opened, Steps, opened


@contextmanager
def touched(steps: Steps, of: str, success: str | None, by: By | None) -> Iterator[Opened]:
    """Lend a connection on which `states` are the touches of journeys; they are explained at `removal_effects`."""
    is_column = of not in ALPHABETS
    with opened(
        steps, by, needs_outcome=success is None, instead=NAME_SUCCESS, needs=(of,) if is_column else ()
    ) as analysis:
        if not is_column and of != analysis.by:
            raise ArgumentError(
                f"of: these names are by {analysis.by}; give by={of!r}, or a column that is no alphabet"
            )
        require_success(analysis, success)
        analysis.run("markov/finishes", {"success": success})
        touches = analysis.con.table("steps")
        value = column_of(touches, of if is_column else "name").cast("VARCHAR").alias("value")
        valued = touches.select("journey_no", "step_number", "occurred_at", value)
        view = f"CREATE OR REPLACE TEMP VIEW valued_steps AS {valued.sql_query()};"
        execute(analysis.con, view)
        analysis.script.append(view)
        if is_column:
            _refuse_states(analysis, of)
        analysis.run("markov/states_of_touches", {"is_success_a_touch": is_column or success is None})
        yield analysis


def _refuse_states(analysis: Opened, of: str) -> None:
    """Refuse values that the chain has for starts and ends; those of an alphabet are looked through already."""
    values = analysis.con.execute("SELECT DISTINCT value FROM valued_steps").fetchall()
    if taken := {value for (value,) in values} & ({*RESERVED} - {"(other)"}):
        raise ArgumentError(f"of: {min(taken)!r} in {of!r} is a name of our own, for what is no touch; rename it")


def touch_counts(analysis: Opened) -> pd.DataFrame:
    """Return how many journeys and people touched each value, on the index of the values."""
    counts = analysis.run("markov/state_counts").df().set_index("name").drop(index=START)
    return counts[["n_journeys", "n_people", "n_open"]]
