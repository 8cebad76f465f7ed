"""The funnel of a journey up to success, for everyone and every persona, counted where the tables lie."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.pages import rows
from pipelines.warehouse import prepare, run_all

HERE = Path(__file__).parent
VISITS, CHAINS, FUNNEL = (
    (HERE / f"{name}.sql").read_text(encoding="utf-8") for name in ("funnel_visits", "funnel_chains", "journey_funnel")
)


def journey_funnel(con: duckdb.DuckDBPyConnection, journey: str, last_position: int) -> list[dict[str, Any]]:
    """Return how far the mature journeys come through the stages up to `last_position`, within the journey's window.

    One row per persona and stage that somebody reached, with the numbers that `journey_mining.funnel` counts of the
    steps of these journeys: persona, stage, position, n_journeys, n_people, share_of_first, share_of_previous, n_lost,
    low, high, median_seconds. The library lays a table of steps out before it counts; here visits are enough, and they
    are published.
    """
    prepare(con)
    run_all(con, VISITS, {"journey": journey, "last_position": last_position})
    for position in range(2, last_position + 1):
        run_all(con, CHAINS, {"position": position})
    found = rows(con, FUNNEL, {"journey": journey})
    run_all(con, "DROP TABLE funnel_visits; DROP TABLE funnel_chains")
    return found


def last_position(journey: Mapping[str, Any], stages: Collection[str]) -> int:
    """Return the position of the success stage, else of the last."""
    names = list(stages)
    return names.index(journey["success_stage"]) + 1 if journey["success_stage"] in names else len(names)
