"""What a build found, in a few lines that a person understands."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import duckdb

from connectors.engine import run
from pipelines.kpi_words import VERDICTS, best_period, verdict
from pipelines.pages import rows
from pipelines.wording import counted, days, interval, percent


@dataclass(frozen=True)
class Findings:
    """A sentence each about the current period, or about everything where that is empty."""

    people: str
    journeys: str
    worst_stage: str
    kpis_off_target: str
    top_pain_point: str
    unmatched: str
    """Empty where every event is one of a touchpoint."""


WORST_STAGE = """
SELECT stages.label, dropoff_rate, dropoff_low, dropoff_high, stage_dropoff.n_journeys, totals.first_on, totals.last_on
FROM stage_dropoff
JOIN stages USING (journey, stage)
JOIN journey_definitions USING (journey)
JOIN journey_totals AS totals USING (journey, persona, period)
WHERE persona = '(all)' AND period = $period AND NOT is_success AND journey_definitions.position = 1 AND stage_dropoff.n_journeys > 0
ORDER BY dropoff_rate DESC, stages.position
LIMIT 1
"""

KPIS = """
SELECT kpi, period, label, n_units, kpi_status.status, is_certain
FROM kpi_status
JOIN kpi_targets USING (kpi)
WHERE persona = '(all)'
ORDER BY kpi_targets.position
"""

UNMATCHED = """
SELECT source, event_name, n_events
FROM coverage
ANTI JOIN (SELECT source, event_name FROM events WHERE is_passive) AS facts USING (source, event_name)
WHERE touchpoint IS NULL
ORDER BY n_events DESC, source, event_name
"""
"""Facts to read, such as that an order was shipped, need no touchpoint."""


def findings(con: duckdb.DuckDBPyConnection) -> Findings:
    """Sum up a build."""
    n_people, n_journeys, n_events = run(con, "SELECT n_people, n_journeys, n_events FROM build")[0]
    n_open = run(con, "SELECT count(*) FROM journey_outcomes WHERE outcome = 'open'")[0][0]
    has_current = run(con, "SELECT count(*) FROM journey_totals WHERE period = 'current' AND n_journeys > 0")[0][0]
    period = {"period": "current" if has_current else "all"}
    return Findings(
        people=f"{counted(n_people, 'person', 'people')} behind {counted(n_events, 'event')}"
        if n_people
        else f"{counted(n_events, 'event')} that {'name' if n_events != 1 else 'names'} nobody",
        journeys=f"{counted(n_journeys, 'journey')}, {n_open:,} of them still open and kept out of the rates",
        worst_stage=_worst_stage(con, period),
        kpis_off_target=_off_target(con),
        top_pain_point=_top_pain_point(con),
        unmatched=unmatched(con),
    )


def _worst_stage(con: duckdb.DuckDBPyConnection, period: dict[str, str]) -> str:
    found = run(con, WORST_STAGE, period)
    if not found:
        return "no stage has mature journeys yet"
    label, rate, low, high, n_journeys, first_on, last_on = found[0]
    within = f" (95% interval {edges})" if (edges := interval(low, high)) else ""
    return (
        f"{label}: {percent(rate)} of the {counted(n_journeys, 'journey')} that reach it leave there for good{within}; "
        f"journeys begun {days(first_on, last_on)}"
    )


def _off_target(con: duckdb.DuckDBPyConnection) -> str:
    """Count the KPIs by their verdict, as the board does, and name those that are missed."""
    periods: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows(con, KPIS):
        periods[row["kpi"]][row["period"]] = row
    labels: dict[str, list[str]] = defaultdict(list)
    for found in periods.values():
        if row := best_period(found, "current"):
            labels[verdict(row)].append(row["label"])
    said = [
        f"{len(labels[one])} {one}" + (f": {', '.join(labels[one])}" if one.startswith("missed") else "")
        for one in VERDICTS
        if one in labels
    ]
    return "; ".join(said) or "none is defined"


def unmatched(con: duckdb.DuckDBPyConnection) -> str:
    """Say how many events match no touchpoint, under how many names, and the commonest; empty where all do."""
    found = run(con, UNMATCHED)
    if not found:
        return ""
    n_events = sum(n for *_, n in found)
    source, name, n_most = found[0]
    return (
        f"{counted(n_events, 'event')} of {counted(len(found), 'name')} {'matches' if n_events == 1 else 'match'} no touchpoint, "
        f"most of them {name!r} of {source} ({n_most:,}); the table coverage lists them"
    )


def _top_pain_point(con: duckdb.DuckDBPyConnection) -> str:
    found = run(con, "SELECT sentence FROM pain_points ORDER BY rank LIMIT 1")
    return found[0][0] if found else "none that is statistically certain"
