"""What the journey map reads: the published tables by key, less what is about too few people."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.kpi_words import STATUS, TARGETS
from pipelines.pages import rows
from pipelines.privacy import is_rare, least_people, withhold
from pipelines.switches import personas

Row = Mapping[str, Any]
PERIODS = ("current", "all")

JOURNEYS = "SELECT journey, label, subject, success_stage, as_of FROM journey_definitions ORDER BY position, journey"
STAGES = "SELECT journey, stage, position, label, objective, is_success FROM stages ORDER BY journey, position, stage"
PERSONAS = "SELECT persona, label FROM personas ORDER BY position, persona"
TOUCHPOINTS = "SELECT touchpoint, label FROM touchpoints"
RATED = "SELECT journey, stage FROM stage_touchpoints JOIN touchpoints USING (touchpoint) WHERE role = 'rated'"
SETTINGS = "SELECT period_days FROM settings"
TOTALS = """
SELECT journey, persona, period, n_journeys, n_people, n_succeeded, n_dropped, n_active, n_open, n_direct,
    conversion_rate, conversion_low, conversion_high, first_on, last_on
FROM journey_totals
"""
DROPOFF = """
SELECT journey, stage, persona, period, n_journeys, n_people, share_of_journeys, n_dropped, dropoff_rate, dropoff_low, dropoff_high,
    n_visits, median_seconds, p90_seconds
FROM stage_dropoff
"""
USES = """
SELECT journey, stage, persona, period, touchpoint, channel, n_journeys, n_people, n_steps, share_of_journeys
FROM stage_touchpoint_use
"""
TRANSITIONS = """
SELECT journey, persona, period, from_stage, to_stage, n_transitions, n_journeys, n_people, probability, median_seconds
FROM transitions
"""
HAS_PAIN_POINTS = (
    "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'main' AND table_name = 'pain_points'"
)
PAIN_POINTS = """
SELECT pain_point_id, rank, kind, journey, stage, kpi, persona, compared_with, value, low, high, n_units, n_people,
    baseline_value, baseline_n_units, difference, difference_low, difference_high, p_adjusted, n_affected
FROM pain_points
ORDER BY rank, pain_point_id
"""


@dataclass(frozen=True)
class Tables:
    """What the map reads, by key."""

    journeys: list[dict[str, Any]]
    stages: dict[str, list[dict[str, Any]]]
    personas: dict[str, str]
    touchpoints: dict[str, str]
    hues: dict[str, int]
    totals: dict[tuple[str, ...], Row]
    dropoff: dict[tuple[str, ...], Row]
    uses: dict[tuple[str, ...], list[Row]]
    transitions: dict[tuple[str, ...], list[Row]]
    targets: dict[str, Row]
    status: dict[tuple[str, str], dict[str, Row]]
    rated: set[tuple[str, str]]
    pains: list[dict[str, Any]]
    period_days: int


def read(con: duckdb.DuckDBPyConnection) -> Tables:
    """Read the published tables, less what is about too few people; a build without pain points has none."""
    k = least_people(con)
    uses, moves = ([{**row, "is_rare": is_rare(row, k)} for row in rows(con, sql)] for sql in (USES, TRANSITIONS))
    has_pains = bool(rows(con, HAS_PAIN_POINTS)[0]["n"])
    status: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in withhold(rows(con, STATUS), ("kpi", "period"), k):
        status[row["kpi"], row["persona"]][row["period"]] = row
    return Tables(
        journeys=rows(con, JOURNEYS),
        stages=_grouped(rows(con, STAGES), "journey"),
        personas={row["persona"]: row["label"] for row in rows(con, PERSONAS)},
        touchpoints={row["touchpoint"]: row["label"] for row in rows(con, TOUCHPOINTS)},
        hues={channel: number % 6 for number, channel in enumerate(sorted({row["channel"] or "" for row in uses}))},
        totals={
            (row["journey"], row["persona"], row["period"]): row
            for row in withhold(rows(con, TOTALS), ("journey", "period"), k)
        },
        dropoff={
            (row["journey"], row["stage"], row["persona"], row["period"]): row
            for row in withhold(rows(con, DROPOFF), ("journey", "stage", "period"), k)
        },
        uses=_grouped(uses, "journey", "stage", "persona", "period"),
        transitions=_grouped(moves, "journey", "persona", "period", "from_stage"),
        targets={row["kpi"]: row for row in rows(con, TARGETS)},
        status=status,
        rated={(row["journey"], row["stage"]) for row in rows(con, RATED)},
        pains=[row for row in rows(con, PAIN_POINTS) if not is_rare(row, k)] if has_pains else [],
        period_days=rows(con, SETTINGS)[0]["period_days"],
    )


def _grouped(found: list[dict[str, Any]], *names: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in found:
        groups[row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)].append(row)
    return groups


def present(tables: Tables) -> list[str]:
    """The personas that any journey has, everyone first."""
    return personas(tables.personas, {persona for _, persona, _ in tables.totals})


def first_choice(tables: Tables) -> str:
    """The period shown first: current, or all where no current journey is mature."""
    return (
        "current"
        if any(key[1:] == ("(all)", "current") and row["n_journeys"] for key, row in tables.totals.items())
        else "all"
    )


def shown(tables: Tables, journey: str, persona: str, period: str) -> tuple[Row, str] | tuple[None, str]:
    """The totals to show and the period they are of: all days where the current period has no mature journey."""
    row = tables.totals.get((journey, persona, period))
    if row is None or not row["n_journeys"]:
        row, period = tables.totals.get((journey, persona, "all")), "all"
    return (row, period) if row is not None else (None, period)


def pains_of(tables: Tables, journey: str, persona: str) -> list[dict[str, Any]]:
    """The pain points of a journey: everyone's map shows those of every persona."""
    return [row for row in tables.pains if journey_of(tables, row) == journey and persona in ("(all)", row["persona"])]


def journey_of(tables: Tables, row: Row) -> str | None:
    """The journey of a pain point, else that of its KPI."""
    return _of_point_or_kpi(tables, row, "journey")


def stage_of(tables: Tables, row: Row) -> str | None:
    """The stage of a pain point, else that of its KPI."""
    return _of_point_or_kpi(tables, row, "stage")


def _of_point_or_kpi(tables: Tables, row: Row, name: str) -> str | None:
    target = tables.targets.get(row["kpi"] or "", {})
    found: str | None = row[name] or target.get(name)
    return found
