"""What the journey map reads: the published tables by key, less what is about too few people."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.kpi_words import TARGETS
from pipelines.pages import rows
from pipelines.privacy import least_people, people
from pipelines.switches import personas
from pipelines.told_ways import told_ways
from pipelines.withheld import (
    OPEN,
    Cells,
    people_of_rest,
    shared_kpis,
    told_periods,
    told_totals,
    told_waiting,
    withhold,
)

Row = Mapping[str, Any]
PERIODS = ("current", "all")
GROUP = ("persona", "period")
STAGE, USE, WAY = (
    ("journey", "stage"),
    ("journey", "stage", "touchpoint", "channel"),
    ("journey", "from_stage", "to_stage"),
)
"""What a row of a table is about, beside the group it counts in."""

JOURNEYS = "SELECT journey, label FROM journey_definitions ORDER BY position, journey"
STAGES = "SELECT journey, stage, position, label, objective, is_success FROM stages ORDER BY journey, position, stage"
PERSONAS = "SELECT persona, label FROM personas ORDER BY position, persona"
TOUCHPOINTS = "SELECT touchpoint, label FROM touchpoints"
RATED = "SELECT journey, stage FROM stage_touchpoints JOIN touchpoints USING (touchpoint) WHERE role = 'rated'"
SETTINGS = "SELECT period_days FROM settings"
TOTALS = """
SELECT journey, persona, period, n_journeys, n_people, n_succeeded, n_dropped, n_active, n_open,
    conversion_rate, conversion_low, conversion_high, first_on, last_on
FROM journey_totals
"""
DROPOFF = """
SELECT journey, stage, persona, period, n_journeys, n_people, share_of_journeys, share_low, share_high, n_dropped,
    dropoff_rate, dropoff_low, dropoff_high, n_visits, median_seconds, p90_seconds
FROM stage_dropoff
"""
USES = """
SELECT journey, stage, persona, period, touchpoint, channel, n_journeys, n_people, n_steps, share_of_journeys, share_low, share_high
FROM stage_touchpoint_use
WHERE period IN ('current', 'all')
"""
TRANSITIONS = """
SELECT journey, persona, period, from_stage, to_stage, n_transitions, n_journeys, n_people, probability, probability_low,
    probability_high, median_seconds
FROM transitions
WHERE period IN ('current', 'all')
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
    n_pains: int
    """How many there are, those included that are not told."""
    period_days: int
    n_withheld: int
    """Rows with somebody in them that the map does not tell."""


def read(con: duckdb.DuckDBPyConnection) -> Tables:
    """Read the published tables, less what is about too few people; a build without pain points has none."""
    k, shared = least_people(con), shared_kpis(con)
    labels = {row["persona"]: row["label"] for row in rows(con, PERSONAS)}
    totals, dropoff, uses, moves = (rows(con, sql) for sql in (TOTALS, DROPOFF, USES, TRANSITIONS))
    told = told_totals(con, shared.told)
    rest_of_stages, rest_of_uses = (
        people_of_rest(con, table, names, k) for table, names in ((dropoff, STAGE), (uses, USE))
    )
    told_stages = {
        cell for cell in told_periods(dropoff, STAGE, labels, k, rest=rest_of_stages) if (cell[0], *cell[2:]) in told
    }
    told_uses = told_periods(uses, USE, labels, k, rest=rest_of_uses)
    told_moves = _told_moves(moves, told, told_stages, k)
    told_open = told_waiting(con, OPEN, [row for row in totals if row["period"] == "all"], "journey", "n_open")
    status: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in shared.status:
        status[row["kpi"], row["persona"]][row["period"]] = row
    stages = rows(con, STAGES)
    found_pains = rows(con, PAIN_POINTS) if rows(con, HAS_PAIN_POINTS)[0]["n"] else []
    uses = [row | {"is_rare": _cell(row, USE) not in told_uses} for row in uses]
    moves = [_of_enough(row, k) | {"is_rare": _cell(row, WAY) not in told_moves} for row in moves]
    found_totals = withhold(totals, lambda row: _cell(row, ["journey"]) in told, ["journey", *GROUP])
    found_dropoff = {_cell(row, STAGE): row for row in dropoff}
    n_withheld = dict(shared.n_withheld) | {
        "journey_totals": sum(1 for row in found_totals if row["is_withheld"]),
        "stage_dropoff": len(found_dropoff.keys() - told_stages),
        "stage_touchpoint_use": sum(1 for row in uses if row["is_rare"]),
        "transitions": sum(1 for row in moves if row["is_rare"]),
    }
    return Tables(
        journeys=rows(con, JOURNEYS),
        stages=_grouped(stages, "journey"),
        personas=labels,
        touchpoints={row["touchpoint"]: row["label"] for row in rows(con, TOUCHPOINTS)},
        hues={channel: number % 6 for number, channel in enumerate(sorted({row["channel"] or "" for row in uses}))},
        totals={
            _cell(row, ["journey"]): row
            | {"n_open": row["n_open"] if (row["journey"], row["persona"], "all") in told_open else None}
            for row in found_totals
        },
        dropoff={
            cell: found_dropoff[cell] | {"is_withheld": False}
            if cell in told_stages and cell in found_dropoff
            else dict.fromkeys(dropoff[0]) | dict(zip([*STAGE, *GROUP], cell, strict=True)) | {"is_withheld": True}
            for cell in _cells(stages, totals)
            if dropoff and (cell in found_dropoff or cell not in told_stages)
        },
        uses=_grouped(uses, "journey", "stage", "persona", "period"),
        transitions=_grouped(moves, "journey", "persona", "period", "from_stage"),
        targets={row["kpi"]: row for row in rows(con, TARGETS)},
        status=status,
        rated={(row["journey"], row["stage"]) for row in rows(con, RATED)},
        pains=[row for row in found_pains if _is_told(row, told_stages, status)],
        n_pains=len(found_pains),
        period_days=rows(con, SETTINGS)[0]["period_days"],
        n_withheld=sum(n_withheld.values()),
    )


def _cells(stages: list[dict[str, Any]], totals: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Every stage of the journeys that a persona has, by persona and period: also those where nobody was."""
    return [
        (row["journey"], stage["stage"], row["persona"], row["period"])
        for row in totals
        for stage in stages
        if stage["journey"] == row["journey"]
    ]


def _told_moves(moves: list[dict[str, Any]], told: Cells, told_stages: Cells, k: int) -> Cells:
    """Choose the ways to name, journey by journey."""
    found: Cells = set()
    for journey in sorted({row["journey"] for row in moves}):
        is_told = {cell[1:]: True for cell in told_stages if cell[0] == journey}
        is_told |= {("(start)", *cell[1:]): True for cell in told if cell[0] == journey}
        found |= {
            (journey, source, target, persona, period)
            for persona, period, source, target in told_ways(
                (row for row in moves if row["journey"] == journey), is_told, k
            )
        }
    return found


def _of_enough(row: dict[str, Any], k: int) -> dict[str, Any]:
    """A way without its interval where fewer than `k` people went it: ends are told all the same, how often one went is not."""
    return row if people(row) >= k else row | {"probability_low": None, "probability_high": None}


def _is_told(pain: Row, told_stages: Cells, status: Mapping[tuple[str, str], Mapping[str, Row]]) -> bool:
    """Tell whether a pain point follows from what is told: its own figure, and the one it is compared with."""
    baseline = ("(all)", "current") if pain["compared_with"] == "other personas" else (pain["persona"], "previous")
    cells = ((pain["persona"], "current"), baseline)
    if pain["kind"] == "dropoff":
        return all((pain["journey"], pain["stage"], *cell) in told_stages for cell in cells)
    return all(not status[pain["kpi"], persona][period]["is_withheld"] for persona, period in cells)


def _cell(row: Row, measure: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[name] for name in (*measure, *GROUP))


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
    """The totals to show and the period they are of: all days where the current period has no mature journey.

    What is withheld may have some; all days in its place would be taken for it.
    """
    row = tables.totals.get((journey, persona, period))
    if row is None or not (row["n_journeys"] or row["is_withheld"]):
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
