"""Our answers."""

from collections.abc import Iterator

import pandas as pd

import journey_mining as jm
from tests.peers.answers import N_STEPS, SEGMENTS, Answer, has_both_segments, tell


def solve(events: pd.DataFrame) -> Iterator[Answer]:
    """Make a log once and ask it everything."""
    log = jm.from_pandas(events, person="person", event="event", time="at", keep=["segment"])
    moves = log.transitions().table
    pairs = moves["from"] + " > " + moves["to"]
    yield from _column("transitions", pairs, moves["n_transitions"])
    yield from _column("journeys with a transition", pairs, moves["n_journeys"])
    yield from _column("probability", pairs, moves["probability"])
    yield from _column("median seconds", pairs, moves["median_seconds"])
    yield from _shares("step matrix", _steps(log))
    if has_both_segments(events):
        ones, others = (_steps(log.segment("segment", segment)) for segment in SEGMENTS)
        yield from _shares("step matrix, difference", ones.sub(others, fill_value=0))
    log.close()


def _steps(log: jm.Log) -> pd.Series:
    """The share of all journeys that have a name at a step."""
    links = log.sankey(max_steps=N_STEPS, top=1000).table
    n_journeys = links.loc[links["step"] == 0, "n_journeys"].sum()
    links = links[~links["target"].isin(["(end)", "(more)"])]
    return links.groupby([links["step"] + 1, "target"])["n_journeys"].sum() / n_journeys


def _shares(question: str, shares: pd.Series) -> Iterator[Answer]:
    return ((question, f"{step}: {name}", share) for (step, name), share in shares.items())


def _column(question: str, about: pd.Series, values: pd.Series) -> Iterator[Answer]:
    return ((question, key, value) for key, value in zip(about, values, strict=True))


if __name__ == "__main__":
    tell(solve)
