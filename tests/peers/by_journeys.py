"""Our answers."""

from collections.abc import Iterator

import pandas as pd

import journey_mining as jm
from tests.peers.answers import N_STEPS, Answer, funnels, tell


def solve(events: pd.DataFrame) -> Iterator[Answer]:
    """Make a log once and ask it everything."""
    log = jm.from_pandas(events, person="person", event="event", time="at", keep=["segment"])
    moves = log.transitions().table
    pairs = moves["from"] + " > " + moves["to"]
    yield from _column("transitions", pairs, moves["n_transitions"])
    yield from _column("journeys with a transition", pairs, moves["n_journeys"])
    yield from _column("probability", pairs, moves["probability"])
    yield from _column("median seconds", pairs, moves["median_seconds"])
    links = log.sankey(max_steps=N_STEPS, top=1000).table
    links = links[~links["target"].isin(["(end)", "(more)"])]
    visits = links.groupby([links["step"] + 1, "target"])["n_journeys"].sum() / events["person"].nunique()
    yield from (("step matrix", f"{step}: {name}", share) for (step, name), share in visits.items())
    log.close()


def _column(question: str, about: pd.Series, values: pd.Series) -> Iterator[Answer]:
    return ((question, key, value) for key, value in zip(about, values, strict=True))


if __name__ == "__main__":
    tell(solve)
