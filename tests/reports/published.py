"""The published tables of an invented shop: a few journeys, counted in plain Python, so that a page can be followed to its rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from tests.reports.walked import AS_OF, FIRST_DAY, PATHS, PERSONAS, STAGES, TOUCHPOINTS, counted, walked

SHAPES = {
    "build": (
        "build_id VARCHAR, name VARCHAR, as_of TIMESTAMP, n_events BIGINT, n_people BIGINT, n_sessions BIGINT, n_journeys BIGINT"
    ),
    "settings": "name VARCHAR, title VARCHAR, zone VARCHAR, period_days BIGINT, k BIGINT",
    "personas": "persona VARCHAR, position BIGINT, label VARCHAR",
    "touchpoints": "touchpoint VARCHAR, position BIGINT, label VARCHAR, role VARCHAR, channel VARCHAR",
    "stages": "journey VARCHAR, stage VARCHAR, position BIGINT, label VARCHAR, objective VARCHAR, is_success BOOLEAN",
    "journey_definitions": (
        "journey VARCHAR, position BIGINT, label VARCHAR, subject VARCHAR, gap_seconds BIGINT, window_seconds BIGINT, "
        "success_stage VARCHAR, as_of TIMESTAMP"
    ),
    "journey_outcomes": (
        "journey VARCHAR, journey_id VARCHAR, person_id VARCHAR, persona VARCHAR, started_at TIMESTAMP, started_on DATE, "
        "is_mature BOOLEAN, outcome VARCHAR, last_stage VARCHAR"
    ),
    "journey_steps": (
        "journey VARCHAR, journey_id VARCHAR, person_id VARCHAR, step_number BIGINT, visit_number BIGINT, occurred_at TIMESTAMP, "
        "stage VARCHAR, stage_position BIGINT, touchpoint VARCHAR, channel VARCHAR"
    ),
    "journey_totals": (
        "journey VARCHAR, persona VARCHAR, period VARCHAR, n_journeys BIGINT, n_people BIGINT, n_succeeded BIGINT, "
        "n_dropped BIGINT, n_active BIGINT, n_open BIGINT, n_direct BIGINT, conversion_rate DOUBLE, conversion_low DOUBLE, "
        "conversion_high DOUBLE, first_on DATE, last_on DATE"
    ),
    "stage_dropoff": (
        "journey VARCHAR, stage VARCHAR, persona VARCHAR, period VARCHAR, n_journeys BIGINT, n_people BIGINT, "
        "share_of_journeys DOUBLE, share_low DOUBLE, share_high DOUBLE, "
        "n_dropped BIGINT, dropoff_rate DOUBLE, dropoff_low DOUBLE, dropoff_high DOUBLE, "
        "dropoff_error DOUBLE, n_visits BIGINT, exit_share DOUBLE, median_seconds DOUBLE, p90_seconds DOUBLE, "
        "n_open_journeys BIGINT"
    ),
    "transitions": (
        "journey VARCHAR, persona VARCHAR, period VARCHAR, from_stage VARCHAR, to_stage VARCHAR, n_transitions BIGINT, "
        "n_journeys BIGINT, n_people BIGINT, "
        "probability DOUBLE, probability_low DOUBLE, probability_high DOUBLE, median_seconds DOUBLE, p90_seconds DOUBLE, n_open BIGINT"
    ),
    "stage_touchpoint_use": (
        "journey VARCHAR, stage VARCHAR, persona VARCHAR, period VARCHAR, touchpoint VARCHAR, channel VARCHAR, "
        "n_journeys BIGINT, n_people BIGINT, n_steps BIGINT, share_of_journeys DOUBLE, share_low DOUBLE, share_high DOUBLE"
    ),
    "kpi_targets": (
        "kpi VARCHAR, position BIGINT, label VARCHAR, description VARCHAR, statistic VARCHAR, unit VARCHAR, direction VARCHAR, "
        "target DOUBLE, owner VARCHAR, journey VARCHAR, stage VARCHAR, missing_roles VARCHAR, as_of TIMESTAMP"
    ),
    "kpi_status": (
        "kpi VARCHAR, persona VARCHAR, period VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, standard_error DOUBLE, p90 DOUBLE, "
        "n_units BIGINT, n_people BIGINT, n_immature BIGINT, target DOUBLE, direction VARCHAR, status VARCHAR, "
        "is_certain BOOLEAN, first_on DATE, last_on DATE"
    ),
    "kpi_units": "kpi VARCHAR, unit_id VARCHAR, person_id VARCHAR, persona VARCHAR, matures_at TIMESTAMP",
    "stage_touchpoints": "journey VARCHAR, stage VARCHAR, touchpoint VARCHAR",
    "kpi_weekly": (
        "kpi VARCHAR, week_on DATE, persona VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, n_units BIGINT, n_people BIGINT, is_closed BOOLEAN"
    ),
    "kpi_daily": (
        "kpi VARCHAR, day DATE, persona VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, n_units BIGINT, n_people BIGINT, is_closed BOOLEAN"
    ),
    "pain_points": (
        "pain_point_id VARCHAR, rank BIGINT, kind VARCHAR, journey VARCHAR, stage VARCHAR, kpi VARCHAR, persona VARCHAR, "
        "compared_with VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, n_units BIGINT, n_people BIGINT, baseline_value DOUBLE, "
        "baseline_n_units BIGINT, difference DOUBLE, difference_low DOUBLE, difference_high DOUBLE, p_value DOUBLE, "
        "p_adjusted DOUBLE, n_affected BIGINT"
    ),
}
"""Every published table that a page reads, with its columns."""

STAGE_VISITS = """
CREATE VIEW stage_visits AS
SELECT journey, journey_id, visit_number, min(stage) AS stage, min(stage_position) AS stage_position,
    min(occurred_at) AS entered_at, max(occurred_at) AS last_step_at
FROM journey_steps
GROUP BY ALL
"""
"""A view, so that a test may change the steps."""

KPIS = (
    # kpi, statistic, unit, direction, target, journey, stage, missing roles, value now, value before, units
    ("cart_abandonment_rate", "rate", "share", "lower", 0.70, "purchase", "cart", None, 0.84, 0.83, 120),
    ("conversion_rate", "rate", "share", "higher", 0.27, "purchase", "purchase", None, 0.28, 0.57, 167),
    ("hours_to_success", "median", "hours", "lower", 24.0, "purchase", "purchase", None, 5.25, 5.0, 45),
    ("repeat_purchase_rate", "rate", "share", "higher", 0.10, "purchase", "purchase", None, None, None, 0),
    ("csat_mean", "mean", "points", "higher", 4.0, "support", "solved", None, 3.4, 3.9, 60),
    ("csat_score", "rate", "share", "higher", 0.8, "purchase", "purchase", "rated", None, None, 0),
)

Row = dict[str, Any]


def publish(
    con: duckdb.DuckDBPyConnection, paths: Iterable[tuple[str, str, str, str, str, int]] = PATHS
) -> duckdb.DuckDBPyConnection:
    """Create every table on a connection and fill it."""
    journeys = [journey for path in paths for journey in walked(*path)]
    tables = (
        definition()
        | counted(journeys)
        | kpis()
        | {
            "journey_outcomes": [
                {
                    name: journey[name]
                    for name in (
                        "journey",
                        "journey_id",
                        "person_id",
                        "persona",
                        "started_at",
                        "started_on",
                        "is_mature",
                        "outcome",
                        "last_stage",
                    )
                }
                for journey in journeys
            ],
            "journey_steps": [step for journey in journeys for step in journey["steps"]],
            "pain_points": pains(),
            "build": [
                {
                    "build_id": "2024-03-31-abc",
                    "name": "Invented shop",
                    "as_of": AS_OF,
                    "n_events": 1234,
                    "n_people": len(journeys),
                    "n_sessions": 300,
                    "n_journeys": len(journeys),
                }
            ],
        }
    )
    for name, shape in SHAPES.items():
        con.execute(f"CREATE TABLE {name} ({shape})").fetchall()
        fill(con, name, tables.get(name, []))
    con.execute(STAGE_VISITS).fetchall()
    return con


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    """Append rows to a table, by column name."""
    if not rows:
        return
    con.register("new_rows", pa.Table.from_pylist(rows))
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_rows").fetchall()
    con.unregister("new_rows")


def add_up(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make everyone of a table of journeys the sum of the personas again, after a test has changed one."""
    key = "journey, period" + (", stage" if table == "stage_dropoff" else "")
    con.execute(
        f"""UPDATE {table} AS everyone SET n_people = found.n_people, n_journeys = found.n_journeys
        FROM (SELECT {key}, sum(n_people) AS n_people, sum(n_journeys) AS n_journeys FROM {table} WHERE persona <> '(all)' GROUP BY ALL) AS found
        WHERE everyone.persona = '(all)' AND ({", ".join(f"everyone.{name}" for name in key.split(", "))})
            = ({", ".join(f"found.{name}" for name in key.split(", "))})"""
    ).fetchall()


def definition() -> dict[str, list[Row]]:
    """The tables of the definition."""
    places = [(name, channel) for used in TOUCHPOINTS.values() for name, channel in used]
    return {
        "settings": [{"name": "shop", "title": "Invented shop", "zone": "UTC", "period_days": 10, "k": 10}],
        "personas": [
            {"persona": name, "position": place, "label": label} for place, (name, label) in enumerate(PERSONAS.items())
        ],
        "touchpoints": [
            {
                "touchpoint": name,
                "position": place,
                "label": name.replace("_", " ").capitalize(),
                "role": None,
                "channel": channel,
            }
            for place, (name, channel) in enumerate(places, 1)
        ],
        "stages": [
            {
                "journey": journey,
                "stage": stage,
                "position": place,
                "label": label,
                "objective": f"What {label.lower()} is for",
                "is_success": place == len(stages),
            }
            for journey, stages in STAGES.items()
            for place, (stage, label) in enumerate(stages.items(), 1)
        ],
        "journey_definitions": [
            {
                "journey": journey,
                "position": place,
                "label": f"{journey.capitalize()} journey",
                "subject": "person",
                "gap_seconds": 604800,
                "window_seconds": 604800,
                "success_stage": list(stages)[-1],
                "as_of": AS_OF,
            }
            for place, (journey, stages) in enumerate(STAGES.items(), 1)
        ],
    }


def kpis() -> dict[str, list[Row]]:
    """The KPIs: their targets, how they stand, and ten days of each that is measured, the fifth missing, the last one open."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for place, (kpi, statistic, unit, direction, target, journey, stage, missing, value, before, n) in enumerate(
        KPIS, 1
    ):
        tables["kpi_targets"].append(
            {
                "kpi": kpi,
                "position": place,
                "label": kpi.replace("_", " ").capitalize(),
                "description": f"one row per case of {kpi}",
                "statistic": statistic,
                "unit": unit,
                "direction": direction,
                "target": target,
                "owner": "shop team",
                "journey": journey,
                "stage": stage,
                "missing_roles": missing,
                "as_of": AS_OF,
            }
        )
        for persona in PERSONAS:
            for period, level in (("current", value), ("previous", before), ("all", value)):
                tables["kpi_status"].append(
                    _status(kpi, persona, period, level, n // (1 if persona == "(all)" else 3), target, direction)
                )
            if value is not None:
                tables["kpi_daily"] += [
                    {
                        "kpi": kpi,
                        "day": FIRST_DAY["current"] + timedelta(days=number),
                        "persona": persona,
                        "value": value + 0.01 * (number % 3),
                        "low": value - 0.05,
                        "high": value + 0.05,
                        "n_units": 30,
                        "n_people": 30,
                        "is_closed": number < 9,
                    }
                    for number in range(10)
                    if number != 4
                ]
    tables["kpi_units"] = [
        {
            "kpi": row["kpi"],
            "unit_id": f"{row['persona']} {number}",
            "person_id": f"{row['persona']} {number}",
            "persona": row["persona"],
            "matures_at": AS_OF + timedelta(days=1),
        }
        for row in tables["kpi_status"]
        if row["period"] == "all" and row["persona"] != "(all)"
        for number in range(row["n_immature"])
    ]
    return dict(tables)


def _status(kpi: str, persona: str, period: str, value: float | None, n: int, target: float, direction: str) -> Row:
    low, high = (None, None) if value is None else (value - 0.03, value + 0.03)
    is_met = value is not None and (value >= target if direction == "higher" else value <= target)
    return {
        "kpi": kpi,
        "persona": persona,
        "period": period,
        "value": value,
        "low": low,
        "high": high,
        "standard_error": 0.015,
        "p90": None,
        "n_units": n,
        "n_people": n,
        "n_immature": 17 if kpi == "repeat_purchase_rate" else 0,
        "target": target,
        "direction": direction,
        "status": "not measured" if value is None else "met" if is_met else "missed",
        "is_certain": low is not None and high is not None and not low <= target <= high,
        "first_on": FIRST_DAY["previous" if period == "previous" else "current"] if n else None,
        "last_on": (FIRST_DAY["previous" if period == "previous" else "current"] + timedelta(days=9)) if n else None,
    }


def pains() -> list[Row]:
    """Two pain points: newcomers leave more often than others do, and everyone rates worse than before."""
    common: Mapping[str, Any] = {"p_value": 0.0001, "p_adjusted": 0.0004, "n_people": 100}
    return [
        {
            "pain_point_id": "a1",
            "rank": 1,
            "kind": "dropoff",
            "journey": "purchase",
            "stage": "awareness",
            "kpi": None,
            "persona": "new",
            "compared_with": "other personas",
            "value": 0.6,
            "low": 0.55,
            "high": 0.65,
            "n_units": 100,
            "baseline_value": 0.44,
            "baseline_n_units": 25,
            "difference": 0.16,
            "difference_low": 0.05,
            "difference_high": 0.27,
            "n_affected": 16,
            **common,
        },
        {
            "pain_point_id": "b2",
            "rank": 2,
            "kind": "kpi",
            "journey": None,
            "stage": None,
            "kpi": "csat_mean",
            "persona": "(all)",
            "compared_with": "previous period",
            "value": 3.4,
            "low": 3.2,
            "high": 3.6,
            "n_units": 60,
            "baseline_value": 3.9,
            "baseline_n_units": 50,
            "difference": -0.5,
            "difference_low": -0.8,
            "difference_high": -0.2,
            "n_affected": 60,
            **common,
        },
    ]
