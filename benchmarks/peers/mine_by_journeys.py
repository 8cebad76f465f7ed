"""The families as journey_mining has them."""

from pathlib import Path

from session import GAP, N_STEPS, Families, session

import journey_mining as jm


def load(path: Path) -> jm.Log:
    """A person is one journey."""
    return jm.from_parquet(path, person="path_id", event="event", time="occurred_at")


FAMILIES: Families = {
    "transitions": lambda log: log.transitions(),
    "step matrix": lambda log: log.sankey(max_steps=N_STEPS, top=1000),
    "sessions": lambda log: log.sessions(GAP).transitions(),
    "filter": lambda log: log.filter("event <> 'page_view'").transitions(),
}

if __name__ == "__main__":
    session(load, FAMILIES)
