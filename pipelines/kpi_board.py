"""The KPI board: every KPI against its target, and its line over the days, from the published tables alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines import switches
from pipelines.kpi_chart import Chart, chart
from pipelines.kpi_words import STATUS, TARGETS, KpiCard, best_period, kpi_card
from pipelines.pages import build, render, rows
from pipelines.privacy import withhold

Row = Mapping[str, Any]
PERIODS = ("current", "all")
PERSONAS = "SELECT persona, label FROM personas ORDER BY position, persona"
SETTINGS = "SELECT period_days FROM settings"
STAGES = "SELECT journey, stage, label FROM stages"
DAILY = "SELECT kpi, day, persona, value, low, high, n_units, n_people, is_closed FROM kpi_daily ORDER BY kpi, persona, day"


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
    targets, labels = rows(con, TARGETS), {row["persona"]: row["label"] for row in rows(con, PERSONAS)}
    stages = {(row["journey"], row["stage"]): row["label"] for row in rows(con, STAGES)}
    status: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in withhold(rows(con, STATUS), ("kpi", "period")):
        status[row["kpi"], row["persona"]][row["period"]] = row
    daily: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in withhold(rows(con, DAILY), ("kpi", "day")):
        daily[row["kpi"], row["persona"]].append(row)
    known = switches.personas(labels, {persona for _, persona in daily})
    boards = [board(persona, labels[persona], targets, stages, status, daily) for persona in known]
    return render(
        "kpi_board.html.j2",
        page="kpi_board",
        build=build(con),
        boards=boards,
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
) -> Board:
    """The board of one persona."""
    cards = [card(target, stages, status.get((target["kpi"], persona), {}), daily.get((target["kpi"], persona), [])) for target in targets]
    return Board(
        persona, who, cards, {period: tally([card.periods[period] for card in cards if period in card.periods]) for period in PERIODS}
    )


def card(target: Row, stages: Mapping[tuple[str, str], str], status: dict[str, Row], days: list[Row]) -> Card:
    """One KPI of one persona."""
    found = {period: kpi_card(target, row, status.get("previous"), period) for period in PERIODS if (row := best_period(status, period))}
    first = next(iter(found.values()), None)
    return Card(
        kpi=target["kpi"],
        label=target["label"],
        description=first.description if first else "",
        owner=first.owner if first else "nobody named",
        stage=stages.get((target["journey"], target["stage"]), ""),
        periods=found,
        chart=chart(target, sorted(days, key=lambda row: row["day"])),
    )


def tally(cards: list[KpiCard]) -> list[tuple[str, int, str]]:
    """Count the cards by what they say: the words, how many, and the sign; what does not occur is left out."""
    signs = {card.verdict: card.sign for card in cards}
    order = ["missed", "missed, not certain", "met, not certain", "met", "not measured", "withheld", "no target"]
    counts = [(verdict, sum(1 for card in cards if card.verdict == verdict)) for verdict in order]
    return [(verdict, number, signs[verdict]) for verdict, number in counts if number]
