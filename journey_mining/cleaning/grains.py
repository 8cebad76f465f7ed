"""Whether people, journeys and sessions lie one in the other."""

import pandas as pd
from duckdb import ColumnExpression, ConstantExpression

from journey_mining.steps import Steps, opened


def grains(steps: Steps) -> pd.DataFrame:
    """Return how many people, journeys and sessions there are, and which sessions lie in several journeys.

    One row per grain, the coarsest first: grain ('person', 'journey' and, if steps have a session_id, 'session'), n,
    n_steps_without (steps of nobody, or of no session), n_crossing (how many lie in several of the grain above),
    crossing (one of them, or NULL). A journey of several people is an error when steps are read, and so is a session of
    several people, so only sessions cross: one may hold the end of a journey and the beginning of the next, or steps of
    two tickets. `log.sessions()` cuts such a session where the journeys are cut.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b"], "person_id": ["ann"] * 3, "step_number": [1, 2, 1],
    ...     "session_id": ["s1", "s2", "s2"], "stage": "visit",
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-02"])})
    >>> grains(steps)[["grain", "n", "n_crossing"]]
         grain  n  n_crossing
    0   person  1           0
    1  journey  2           0
    2  session  2           1
    """
    with opened(steps) as analysis:
        has_sessions = "session_id" in analysis.con.table("steps").columns
        session = ColumnExpression("session_id") if has_sessions else ConstantExpression(None)
        sessions = analysis.con.table("steps").select(
            ColumnExpression("journey_no"), session.cast("VARCHAR").alias("session_id")
        )
        analysis.view("session_steps", sessions)
        return analysis.table("cleaning/grains", {"has_sessions": has_sessions})
