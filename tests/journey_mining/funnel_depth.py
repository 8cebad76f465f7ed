"""How far one journey comes, in a line."""

from datetime import datetime, timedelta

from journey_mining import funnel
from tests.journey_mining.drawn import steps_of


def depth(touches: str, stages: str, window: timedelta | None = None, **how) -> int:
    """How many stages one journey comes through; touches as 'A 13:00, B 13:45', in the order they were logged."""
    rows = [touch.split() for touch in touches.split(", ")]
    drawn = "\n".join(f"a | {name} | 2024-05-01 {at}" for name, at in rows)
    how = {"as_of": datetime.max} | how
    table = funnel(steps_of("journey_id | stage | occurred_at\n" + drawn), list(stages), window, **how)
    return int(table["n_journeys"].sum())
