"""Our answers, which give people, times and intervals besides."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from answers import FUNNEL, GAP_SECONDS, N_STEPS, answer

import journey_mining as jm


def solve(log: Path) -> Iterator[tuple[str, Any]]:
    """Make a log of the file, take its sessions as journeys, and ask each analysis."""
    # The others count every session as over: known is all that will ever be.
    events = jm.from_parquet(log, person="path_id", event="event", time="occurred_at", as_of="9999-12-31")
    sessions = events.sessions(timedelta(seconds=GAP_SECONDS))
    moves = sessions.transitions().table
    yield "sessions", int(moves.loc[moves["from"] == "(start)", "n_transitions"].sum())
    names = {"(start)": "start", "(end)": "end"}
    pairs = moves["from"].replace(names) + " > " + moves["to"].replace(names)
    yield "transitions", dict(zip(pairs, moves["n_transitions"].tolist(), strict=True))
    yield "funnel", sessions.funnel(list(FUNNEL)).table["n_journeys"].tolist()
    cells = sessions.step_matrix(max_steps=N_STEPS).table
    cells = cells[~cells["name"].isin(["(start)", "(ended)"])]
    places = cells["step"].astype(str) + ": " + cells["name"]
    yield "steps", dict(zip(places, cells["n_journeys"].tolist(), strict=True))


if __name__ == "__main__":
    answer(solve)
