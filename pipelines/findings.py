"""What a build found, in five lines that a person understands."""

from dataclasses import dataclass

import duckdb

from connectors.engine import run


@dataclass(frozen=True)
class Findings:
    """Five sentences about the current period, or about everything where that is empty."""

    people: str
    journeys: str
    worst_stage: str
    kpis_off_target: str
    top_pain_point: str


WORST_STAGE = """
SELECT stages.label, dropoff_rate, dropoff_low, dropoff_high, n_people, n_journeys
FROM stage_dropoff
JOIN stages USING (journey, stage)
JOIN journey_definitions USING (journey)
WHERE persona = '(all)' AND period = $period AND NOT is_success AND journey_definitions.position = 1 AND stage_dropoff.n_journeys > 0
ORDER BY dropoff_rate DESC, stages.position
LIMIT 1
"""

OFF_TARGET = """
SELECT kpi_targets.label, kpi_status.status
FROM kpi_status
JOIN kpi_targets USING (kpi)
WHERE persona = '(all)' AND period = $period
ORDER BY kpi_targets.position
"""


def findings(con: duckdb.DuckDBPyConnection) -> Findings:
    """Sum up a build."""
    n_people, n_journeys, n_events = run(con, "SELECT n_people, n_journeys, n_events FROM build")[0]
    n_open = run(con, "SELECT count(*) FROM journey_outcomes WHERE outcome = 'open'")[0][0]
    has_current = run(con, "SELECT count(*) FROM journey_totals WHERE period = 'current' AND n_journeys > 0")[0][0]
    period = {"period": "current" if has_current else "all"}
    return Findings(
        people=f"{n_people:,} people behind {n_events:,} events"
        if n_people
        else f"{n_events:,} events that name nobody",
        journeys=f"{n_journeys:,} journeys, {n_open:,} of them still open and kept out of the rates",
        worst_stage=_worst_stage(con, period),
        kpis_off_target=_off_target(con, period),
        top_pain_point=_top_pain_point(con),
    )


def _worst_stage(con: duckdb.DuckDBPyConnection, period: dict[str, str]) -> str:
    rows = run(con, WORST_STAGE, period)
    if not rows:
        return "no stage has mature journeys yet"
    label, rate, low, high, n_people, n_journeys = rows[0]
    who = f"{n_people:,} people" if n_people else f"{n_journeys:,} journeys"
    interval = f" (95 % interval {low:.1%} to {high:.1%})" if low is not None else ""
    return f"{label}: {rate:.1%} leave there for good{interval}, of {who} that reach it"


def _off_target(con: duckdb.DuckDBPyConnection, period: dict[str, str]) -> str:
    rows = run(con, OFF_TARGET, period)
    missed = [label for label, status in rows if status == "missed"]
    measured = sum(1 for _, status in rows if status in ("met", "missed"))
    unmeasured = len(rows) - measured
    tail = f"; {unmeasured} not measured or without a target" if unmeasured else ""
    return f"{len(missed)} of {measured} KPIs miss their target{': ' + ', '.join(missed) if missed else ''}{tail}"


def _top_pain_point(con: duckdb.DuckDBPyConnection) -> str:
    rows = run(con, "SELECT sentence FROM pain_points ORDER BY rank LIMIT 1")
    return rows[0][0] if rows else "none that is statistically certain"
