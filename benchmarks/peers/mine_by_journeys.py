"""The families as journey_mining has them."""

from pathlib import Path

from session import FUNNEL, GAP, N_STEPS, Families, session

import journey_mining as jm


def load(path: Path) -> jm.Log:
    """A person is one journey."""
    return jm.from_parquet(path, person="path_id", event="event", time="occurred_at")


FAMILIES: Families = {
    "transitions": lambda log: log.transitions(),
    "step matrix": lambda log: log.step_matrix(max_steps=N_STEPS),
    "funnel": lambda log: log.funnel(list(FUNNEL), ties="logged"),
    "variants": lambda log: log.variants(),
    "sessions": lambda log: log.sessions(GAP).transitions(),
    "filter": lambda log: log.filter("event <> 'page_view'").transitions(),
    "sankey": lambda log: log.sankey(max_steps=N_STEPS),
    "sequences": lambda log: log.sequences(),
    "order test": lambda log: log.order_test(),
    "retention": lambda log: log.retention(period="week"),
    "lifecycle": lambda log: log.lifecycle(),
    "cleaning": lambda log: log.rename({"^login_.*$": "login"}).collapse().group_rare(share=0.01).transitions(),
    "conformance": lambda log: log.conformance(list(FUNNEL)),
    "comparing": lambda log: log.compare("event", "page_view", metrics=["reach"]),
    "distance": lambda log: log.distance("event", "page_view"),
    "markov": lambda log: log.markov(success=FUNNEL[-1]),
    "attribution": lambda log: log.attribution(of="event", success=FUNNEL[-1]),
    "what if": lambda log: log.what_if({FUNNEL[1]: 0.1}, success=FUNNEL[-1]),
    "drivers": lambda log: log.conversion_drivers(list(FUNNEL[:2])),
    "personas": lambda log: log.clusters(number=3),
}

if __name__ == "__main__":
    session(load, FAMILIES)
