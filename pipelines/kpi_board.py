"""The KPI board: every KPI against its target, and its line over the days, from the published tables alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines import switches
from pipelines.kpi_chart import Chart, chart
from pipelines.kpi_words import TARGETS, VERDICTS, KpiCard, best_period, kpi_card
from pipelines.pages import build, render, rows
from pipelines.withheld import shared_kpis

Row = Mapping[str, Any]
PERIODS = ("current", "all")
PERSONAS = "SELECT persona, label FROM personas ORDER BY position, persona"
SETTINGS = "SELECT period_days FROM settings"
COUNTED = "SELECT DISTINCT persona FROM kpi_status WHERE n_units > 0"
STAGES = "SELECT journey, stage, label FROM stages"


@dataclass(frozen=True)
class Card:
    """One KPI of one persona: how it stands in each period, and its line."""

    kpi: str
    label: str
    description: str
    owner: str
    stage: str
    periods: dict[str, KpiCard]
    chart: Chart | None


@dataclass(frozen=True)
class Board:
    """The cards of one persona, and how many targets are met, missed, not measured, by period."""

    persona: str
    who: str
    cards: list[Card]
    tally: dict[str, list[tuple[str, int, str]]]


def kpi_board(con: duckdb.DuckDBPyConnection) -> str:
    """Render the KPI board as one HTML page."""
    shared = shared_kpis(con)
    targets, labels = rows(con, TARGETS), {row["persona"]: row["label"] for row in rows(con, PERSONAS)}
    stages = {(row["journey"], row["stage"]): row["label"] for row in rows(con, STAGES)}
    status: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in shared.status:
        status[row["kpi"], row["persona"]][row["period"]] = row
    daily, weekly = lines(shared.daily), lines([{**row, "day": row["week_on"]} for row in shared.weekly])
    known = switches.personas(labels, {row["persona"] for row in rows(con, COUNTED)})
    boards = [board(persona, labels[persona], targets, stages, status, daily, weekly) for persona in known]
    return render(
        "kpi_board.html.j2",
        page="kpi_board",
        build=build(con),
        boards=boards,
        n_withheld=sum(shared.n_withheld.values()),
        periods=PERIODS,
        switches={
            "persona": [switches.option(one, labels[one]) for one in known],
            "period": switches.periods(rows(con, SETTINGS)[0]["period_days"], PERIODS),
        },
    )


def board(
    persona: str,
    who: str,
    targets: list[dict[str, Any]],
    stages: Mapping[tuple[str, str], str],
    status: Mapping[tuple[str, str], dict[str, Row]],
    daily: Mapping[tuple[str, str], list[Row]],
    weekly: Mapping[tuple[str, str], list[Row]],
) -> Board:
    """The board of one persona."""
    keys = [(target["kpi"], persona) for target in targets]
    cards = [
        card(target, stages, status.get(key, {}), daily.get(key, []), weekly.get(key, []))
        for target, key in zip(targets, keys, strict=True)
    ]
    return Board(
        persona,
        who,
        cards,
        {period: tally([card.periods[period] for card in cards if period in card.periods]) for period in PERIODS},
    )


def lines(found: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """Sort the points of the lines by KPI and persona."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        groups[row["kpi"], row["persona"]].append(row)
    return groups


def card(
    target: Row, stages: Mapping[tuple[str, str], str], status: dict[str, Row], days: list[Row], weeks: list[Row]
) -> Card:
    """One KPI of one persona; its line is by weeks where these tell of twice as many days as the days do."""
    is_weekly = 2 * len(days) < 7 * len(weeks)
    found = {
        period: kpi_card(target, row, status.get("previous"), period)
        for period in PERIODS
        if (row := best_period(status, period))
    }
    first = next(iter(found.values()), None)
    return Card(
        kpi=target["kpi"],
        label=target["label"],
        description=first.description if first else "",
        owner=first.owner if first else "nobody named",
        stage=stages.get((target["journey"], target["stage"]), ""),
        periods=found,
        chart=chart(
            target, sorted(weeks if is_weekly else days, key=lambda row: row["day"]), every=7 if is_weekly else 1
        ),
    )


def tally(cards: list[KpiCard]) -> list[tuple[str, int, str]]:
    """Count the cards by what they say: the words, how many, and the sign; what does not occur is left out."""
    signs = {card.verdict: card.sign for card in cards}
    counts = [(verdict, sum(1 for card in cards if card.verdict == verdict)) for verdict in VERDICTS]
    return [(verdict, number, signs[verdict]) for verdict, number in counts if number]
