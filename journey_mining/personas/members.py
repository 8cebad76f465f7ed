"""Whose persona is which."""

from datetime import timedelta

import pandas as pd

from journey_mining.errors import require_columns
from journey_mining.personas.centres import MODEL, numbered
from journey_mining.personas.features import KEY, Of, put_features, put_units
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def members(
    steps: Steps, personas: pd.DataFrame, of: Of = "person", gap: str | timedelta = "30m", by: By | None = None
) -> pd.DataFrame:
    """Return to which of the `personas`, a table of `clusters`, each person (or journey) belongs: unit_id, persona.

    `of`, `gap` and `by` must be what they were there. One row per person: a long table where there are many.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabbccddeeffgghhiijj"), "person_id": list("aabbccddeeffgghhiijj"), "step_number": [1, 2] * 10,
    ...     "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["look", "buy"] * 5 + ["ask", "wait"] * 5})
    >>> from journey_mining import clusters
    >>> members(steps, clusters(steps, number=2)).iloc[[0, 9]]
      unit_id              persona
    0       a  more buy, more look
    9       j  more ask, more wait
    """
    require_columns("personas", MODEL, personas.columns)
    with opened(steps, by) as analysis:
        put_units(analysis, of, gap)
        features = personas[KEY].drop_duplicates(ignore_index=True)
        put_features(analysis, features)
        centres = numbered(personas, features, first_no=0)
        analysis.put("centres", centres.drop(columns="persona"))
        analysis.put("wanted_personas", centres[["persona_no", "persona"]].drop_duplicates())
        analysis.run("personas/assigned")
        return analysis.table("personas/members")
