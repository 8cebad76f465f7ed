"""Journeys of an invented shop, and what is counted over them, in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

AS_OF = datetime(2024, 3, 31, 23, 0)
FIRST_DAY = {"previous": date(2024, 3, 4), "current": date(2024, 3, 14), "open": date(2024, 3, 28)}
PERSONAS = {"(all)": "Everyone", "new": "Newcomers", "returning": "Returning", "other": "Everyone else"}
STAGES = {
    "purchase": {"awareness": "Awareness", "cart": "Cart", "purchase": "Purchase"},
    "support": {"asking": "Asking", "solved": "Solved"},
}
TOUCHPOINTS = {
    "awareness": (
        ("home_page", "web"),
        ("newsletter", "email"),
        ("search", "web"),
        ("advert", "social"),
        ("shop_window", "shop"),
    ),
    "cart": (("basket", "web"),),
    "purchase": (("receipt", "web"),),
    "asking": (("ticket", "email"), ("call", "phone")),
    "solved": (("answer", "email"),),
}
PATHS = (
    ("purchase", "new", "previous", "awareness", "dropped", 30),
    ("purchase", "new", "previous", "awareness cart purchase", "succeeded", 20),
    ("purchase", "new", "current", "awareness", "dropped", 60),
    ("purchase", "new", "current", "awareness cart", "dropped", 25),
    ("purchase", "new", "current", "awareness cart awareness cart purchase", "succeeded", 15),
    ("purchase", "new", "open", "awareness", "open", 12),
    ("purchase", "returning", "previous", "cart purchase", "succeeded", 20),
    ("purchase", "returning", "current", "cart", "dropped", 12),
    ("purchase", "returning", "current", "cart purchase", "succeeded", 30),
    ("purchase", "returning", "current", "awareness", "active", 14),
    ("purchase", "other", "current", "awareness", "dropped", 11),
    ("support", "new", "previous", "asking solved", "succeeded", 20),
    ("support", "new", "previous", "asking", "dropped", 10),
    ("support", "new", "open", "asking", "open", 10),
)
"""Journey, persona, when it began, the stages it visits, how it ends, and how many people go this way, once each."""

Row = dict[str, Any]


def walked(journey: str, persona: str, begun: str, path: str, outcome: str, n: int) -> Iterable[Row]:
    """The journeys that go one way, one person each, a minute from step to step."""
    stages = path.split()
    for number in range(n):
        name, day = (
            f"{journey}-{persona}-{begun}-{path}-{number}".replace(" ", "."),
            FIRST_DAY[begun] + timedelta(days=number % 10),
        )
        start = datetime(day.year, day.month, day.day, 12)
        steps = [
            {
                "journey": journey,
                "journey_id": name,
                "person_id": f"person-{name}",
                "step_number": place,
                "visit_number": place,
                "occurred_at": start + timedelta(minutes=place),
                "stage": stage,
                "stage_position": [*STAGES[journey]].index(stage) + 1,
                "touchpoint": TOUCHPOINTS[stage][number % len(TOUCHPOINTS[stage])][0],
                "channel": TOUCHPOINTS[stage][number % len(TOUCHPOINTS[stage])][1],
            }
            for place, stage in enumerate(stages, 1)
        ]
        yield {
            "journey": journey,
            "journey_id": name,
            "person_id": f"person-{name}",
            "persona": persona,
            "started_at": start,
            "started_on": day,
            "is_mature": outcome != "open",
            "outcome": outcome,
            "last_stage": stages[-1],
            "begun": begun,
            "path": stages,
            "steps": steps,
        }


def counted(journeys: list[Row]) -> dict[str, list[Row]]:
    """The aggregates over journeys, by persona and period."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for journey in journeys:
        for persona in ("(all)", journey["persona"]):
            for period in {journey["begun"], "all"} - {"open"}:
                groups[journey["journey"], persona, period].append(journey)
    tables: dict[str, list[Row]] = defaultdict(list)
    for group, members in sorted(groups.items()):
        mature = [one for one in members if one["is_mature"]]
        tables["journey_totals"].append(_totals(group, mature, len(members) - len(mature)))
        for stage in STAGES[group[0]]:
            here = [one for one in mature if stage in one["path"]]
            if here:
                tables["stage_dropoff"].append(_dropoff(group, stage, here, len(mature)))
                tables["stage_touchpoint_use"] += _uses(group, stage, here)
        tables["transitions"] += _moves(group, mature)
    return dict(tables)


def _totals(group: tuple[str, str, str], mature: list[Row], n_open: int) -> Row:
    ends = Counter(one["outcome"] for one in mature)
    rate = ends["succeeded"] / len(mature) if mature else None
    return {
        "journey": group[0],
        "persona": group[1],
        "period": group[2],
        "n_journeys": len(mature),
        "n_people": len(mature),
        "n_succeeded": ends["succeeded"],
        "n_dropped": ends["dropped"],
        "n_active": ends["active"],
        "n_open": n_open,
        "n_direct": 0,
        "conversion_rate": rate,
        **_around("conversion", rate),
        "first_on": min((one["started_on"] for one in mature), default=None),
        "last_on": max((one["started_on"] for one in mature), default=None),
    }


def _dropoff(group: tuple[str, str, str], stage: str, here: list[Row], n_all: int) -> Row:
    n_dropped = sum(1 for one in here if one["outcome"] == "dropped" and one["last_stage"] == stage)
    n_visits = sum(one["path"].count(stage) for one in here)
    rate = n_dropped / len(here)
    return {
        "journey": group[0],
        "stage": stage,
        "persona": group[1],
        "period": group[2],
        "n_journeys": len(here),
        "n_people": len(here),
        "share_of_journeys": len(here) / n_all,
        **_around("share", len(here) / n_all),
        "n_dropped": n_dropped,
        "dropoff_rate": rate,
        **_around("dropoff", rate),
        "dropoff_error": 0.01,
        "n_visits": n_visits,
        "exit_share": n_dropped / n_visits,
        "median_seconds": 42.0,
        "p90_seconds": 7200.0,
        "n_open_journeys": 0,
    }


def _uses(group: tuple[str, str, str], stage: str, here: list[Row]) -> list[Row]:
    touched = Counter(
        {
            (step["touchpoint"], step["channel"], one["journey_id"])
            for one in here
            for step in one["steps"]
            if step["stage"] == stage
        }
    )
    used = Counter((touchpoint, channel) for touchpoint, channel, _ in touched)
    return [
        {
            "journey": group[0],
            "stage": stage,
            "persona": group[1],
            "period": group[2],
            "touchpoint": touchpoint,
            "channel": channel,
            "n_journeys": n,
            "n_people": n,
            "n_steps": n,
            "share_of_journeys": n / len(here),
            **_around("share", n / len(here)),
        }
        for (touchpoint, channel), n in sorted(used.items())
    ]


def _moves(group: tuple[str, str, str], mature: list[Row]) -> list[Row]:
    ends = {"succeeded": "(success)", "dropped": "(dropped)", "active": "(active)"}
    moves = Counter(move for one in mature for move in pairwise(["(start)", *one["path"], ends[one["outcome"]]]))
    movers = Counter(move for one in mature for move in set(pairwise(["(start)", *one["path"], ends[one["outcome"]]])))
    leaving = Counter(source for source, _ in moves.elements())
    return [
        {
            "journey": group[0],
            "persona": group[1],
            "period": group[2],
            "from_stage": source,
            "to_stage": to,
            "n_transitions": n,
            "n_journeys": movers[source, to],
            "n_people": movers[source, to],
            "probability": n / leaving[source],
            **_around("probability", n / leaving[source]),
            "median_seconds": None if "(" in source + to else 60.0,
            "p90_seconds": None if "(" in source + to else 60.0,
            "n_open": 0,
        }
        for (source, to), n in sorted(moves.items())
    ]


def _around(name: str, rate: float | None) -> Row:
    return {
        f"{name}_low": None if rate is None else max(0.0, rate - 0.05),
        f"{name}_high": None if rate is None else min(1.0, rate + 0.05),
    }
