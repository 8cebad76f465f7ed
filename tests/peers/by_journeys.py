"""Our answers."""

from collections.abc import Iterator

import pandas as pd

import journey_mining as jm
from tests.peers.answers import N_STEPS, Answer, asked, tell

OF_TRANSITIONS = {
    "transitions": "n_transitions",
    "journeys with a transition": "n_journeys",
    "share of all transitions": "share",
    "transitions per journey": "per_journey",
    "probability": "probability",
    "probability in": "probability_in",
    "mean seconds": "mean_seconds",
    "median seconds": "median_seconds",
    "95 % quantile of seconds": "p95_seconds",
}


def solve(events: pd.DataFrame) -> Iterator[Answer]:
    """Make a log once and ask it everything."""
    log = jm.from_pandas(events, person="person", event="event", time="at", keep=["segment"])
    moves = log.transitions(quantiles=[0.95]).table
    pairs = moves["from"] + " > " + moves["to"]
    for question, column in OF_TRANSITIONS.items():
        yield from _column(question, pairs, moves[column])
    paths = log.variants(top=1_000_000).table
    path = paths["path"].map(" > ".join)
    yield from _column("variants", path, paths["n_journeys"])
    yield "median duration of the first variant", path[0], paths["median_seconds"][0]
    rework = log.findings().table.query("kind == 'rework'")
    yield from _column("journeys with rework", rework["name"], rework["n_journeys"])
    yield from _shares("step matrix", _steps(log))
    for question, about in asked(events):
        if question == "funnel":
            yield from _funnel(log, about)
        elif question == "step matrix, anchored":
            yield from _shares(question, _steps(log, anchor=about))
        elif question == "step matrix, difference":
            ones, others = (_steps(log.segment("segment", segment)) for segment in about)
            yield from _shares(question, ones.sub(others, fill_value=0))
        elif question == "transitions, difference":
            both = log.transition_diff("segment", *about).table
            pairs = both["from"] + " > " + both["to"]
            yield from _column(question, pairs, both["n_transitions_a"] - both["n_transitions_b"])
    log.close()


def _funnel(log: jm.Log, stages: list[str]) -> Iterator[Answer]:
    reached = log.funnel(stages, ties="logged").table
    for position, n in zip(reached["position"], reached["n_journeys"], strict=True):
        yield "funnel", f"{' > '.join(stages)}, {position}", n


def _steps(log: jm.Log, anchor: str | None = None) -> pd.Series:
    """The share of the journeys that have a name at a step."""
    cells = log.step_matrix(max_steps=N_STEPS, anchor=anchor).table
    return cells[~cells["name"].isin(["(start)", "(ended)"])].set_index(["step", "name"])["share"]


def _shares(question: str, shares: pd.Series) -> Iterator[Answer]:
    return ((question, f"{step}: {name}", share) for (step, name), share in shares.items())


def _column(question: str, about: pd.Series, values: pd.Series) -> Iterator[Answer]:
    return ((question, key, value) for key, value in zip(about, values, strict=True))


if __name__ == "__main__":
    tell(solve)
