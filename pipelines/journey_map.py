"""The journey map: every journey, for every persona and period, from the published tables alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.kpi_words import KpiCard, best_period, kpi_card, sentence_case
from pipelines.map_cells import Folded, Reach, doing, nexts, reach, times
from pipelines.map_facts import facts
from pipelines.map_pains import Pain, headlines, numbered, pain
from pipelines.map_tables import PERIODS, Tables, first_choice, pains_of, present, read, shown, stage_of
from pipelines.pages import Figure, build, render
from pipelines.switches import latest, option, periods
from pipelines.wording import WITHHELD, counted, days

Row = Mapping[str, Any]
RATINGS = ("csat_mean", "csat_score")
"""KPIs that are what customers say."""


@dataclass(frozen=True)
class Column:
    """One stage of the map, for one persona and period."""

    stage: str
    number: int
    label: str
    objective: str
    is_success: bool
    is_withheld: bool
    reach: Reach | None
    doing: Folded
    times: tuple[Figure, Figure] | None
    nexts: Folded
    kpis: list[KpiCard]
    pains: Folded
    says: list[KpiCard]


@dataclass(frozen=True)
class View:
    """The map of one journey, for one persona and period."""

    journey: str
    persona: str
    period: str
    title: str
    who: str
    when: str
    note: str
    facts: list[tuple[Figure, str, str]]
    columns: list[Column]
    headlines: Sequence[Pain]
    calm: str
    """What stands where there is no pain point to tell."""
    channels: list[tuple[str, int]]
    is_shown: bool


def journey_map(con: duckdb.DuckDBPyConnection) -> str:
    """Render the journey map as one HTML page."""
    tables = read(con)
    start = first_choice(tables)
    views = [
        view(tables, journey, persona, period, start)
        for journey in tables.journeys
        for persona in present(tables)
        for period in PERIODS
    ]
    return render(
        "journey_map.html.j2",
        page="journey_map",
        build=build(con),
        views=views,
        switches=options(tables, start),
        latest=latest(tables.period_days).lower(),
        n_withheld=tables.n_withheld,
    )


def options(tables: Tables, start: str) -> dict[str, list[dict[str, Any]]]:
    """The options of the three radio groups; the first of each is chosen."""
    first = tables.journeys[0]["journey"] if tables.journeys else ""
    return {
        "journey": [option(one["journey"], one["label"]) for one in tables.journeys],
        "persona": [_persona(tables, persona, first, start) for persona in present(tables)],
        "period": periods(tables.period_days, (start, *(period for period in PERIODS if period != start))),
    }


def _persona(tables: Tables, persona: str, first: str, start: str) -> dict[str, Any]:
    """A persona with how many people it has, and a mark where it has pain points, by journey."""
    journeys = [one["journey"] for one in tables.journeys if (one["journey"], persona, "all") in tables.totals]
    notes = [
        {
            "text": _people(tables, journey, persona, period),
            "only": {"journey": [journey], "period": [period]},
            "shown": (journey, period) == (first, start),
        }
        for journey in journeys
        for period in PERIODS
    ]
    pains = {
        journey: sum(1 for row in pains_of(tables, journey, persona) if row["persona"] == persona)
        for journey in journeys
    }
    marks = [
        {"text": counted(n, "pain point"), "only": {"journey": [journey]}, "shown": journey == first}
        for journey, n in pains.items()
        if n
    ]
    only = {"journey": journeys} if persona != "(all)" else {}
    return option(
        persona,
        tables.personas[persona],
        notes=notes,
        marks=marks,
        only=only,
        shown=first in journeys or persona == "(all)",
    )


def _people(tables: Tables, journey: str, persona: str, period: str) -> str:
    """How many people, or journeys where no person is known."""
    row, _ = shown(tables, journey, persona, period)
    return "withheld" if row is None or row["is_withheld"] else f"{row['n_people'] or row['n_journeys']:,}"


def view(tables: Tables, journey: Row, persona: str, period: str, start: str) -> View:
    """The map of one journey for one persona and period."""
    name = journey["journey"]
    totals, of = shown(tables, name, persona, period)
    stages = tables.stages[name]
    labels = {(key, row["stage"]): row["label"] for key, found in tables.stages.items() for row in found}
    found = pains_of(tables, name, persona)
    told = numbered([pain(row, tables.personas, labels, tables.targets) for row in found])
    pains = [(stage_of(tables, row), one) for row, one in zip(found, told, strict=True)]
    columns = (
        [column(tables, stages, number, totals, (name, persona, of), period, pains) for number in range(len(stages))]
        if totals and totals["n_journeys"]
        else []
    )
    return View(
        journey=name,
        persona=persona,
        period=period,
        title=journey["label"],
        who=tables.personas[persona],
        when=f"Journeys begun {days(totals['first_on'], totals['last_on'])}" if columns and totals else "",
        note=_note(totals, of, period),
        facts=facts(tables, totals) if columns and totals else [],
        columns=columns,
        headlines=headlines([one for _, one in pains]).lines,
        calm="no pain point that may be told"
        if len(tables.pains) < tables.n_pains
        else "nothing is worse than elsewhere, or than before, by more than chance",
        channels=sorted(
            {
                (line.channel, line.hue)
                for one in columns
                for line in (*one.doing.lines, *one.doing.rest)
                if line.channel
            }
        ),
        is_shown=persona == "(all)" and period == start and journey is tables.journeys[0],
    )


def _note(totals: Row | None, of: str, period: str) -> str:
    if totals is not None and totals["is_withheld"]:
        return sentence_case(WITHHELD)
    if totals is None or not totals["n_journeys"]:
        n_open = totals["n_open"] if totals else None
        return f"No mature journey yet{f'; {n_open:,} still open' if n_open else ''}."
    return "No journey of the current period is mature yet, so this shows all days." if of != period else ""


def column(
    tables: Tables,
    stages: list[dict[str, Any]],
    number: int,
    totals: Row,
    group: tuple[str, str, str],
    shown_for: str,
    pains: list[tuple[str | None, Pain]],
) -> Column:
    """One stage of the map."""
    stage, (journey, persona, period) = stages[number], group
    name, label = stage["stage"], stage["label"]
    row = tables.dropoff.get((journey, name, persona, period))
    is_withheld = bool(row and row["is_withheld"])
    row = row if row and row["n_journeys"] else None
    used = [] if is_withheld else tables.uses.get((journey, name, persona, period), [])
    moves = [] if is_withheld else tables.transitions.get((journey, persona, period, name), [])
    cards = kpis(tables, journey, name, persona, shown_for)
    positions, labels = (
        {one["stage"]: one["position"] for one in stages},
        {one["stage"]: one["label"] for one in stages},
    )
    return Column(
        stage=name,
        number=number + 1,
        label=label,
        objective=stage["objective"] or "",
        is_success=stage["is_success"],
        is_withheld=is_withheld,
        reach=None
        if row is None
        else reach(
            label,
            row,
            totals["n_journeys"],
            _tallest(tables, group),
            _moved(tables, group, stages, number),
            _move(tables, group, "(start)", name),
            _visible(tables.dropoff.get((journey, name, persona, "previous"))),
        ),
        doing=doing(used, label, tables.touchpoints, tables.hues),
        times=None if row is None else times(row, label),
        nexts=nexts(moves, label, positions, labels),
        kpis=[card for card in cards if card.kpi not in RATINGS],
        pains=headlines([one for where, one in pains if where == name]),
        says=[card for card in cards if card.kpi in RATINGS],
    )


def kpis(tables: Tables, journey: str, stage: str, persona: str, period: str) -> list[KpiCard]:
    """The KPIs placed at a stage; ratings stand wherever customers rate."""
    placed = [
        target
        for target in tables.targets.values()
        if (target["stage"] == stage and target["journey"] in (journey, None))
        or (target["kpi"] in RATINGS and (journey, stage) in tables.rated)
    ]
    found = [(target, tables.status.get((target["kpi"], persona), {})) for target in placed]
    return [
        kpi_card(target, row, periods.get("previous"), period)
        for target, periods in found
        if (row := best_period(periods, period))
    ]


def _moved(tables: Tables, group: tuple[str, str, str], stages: list[dict[str, Any]], number: int) -> int | None:
    """How many journeys go directly from a stage to the next one of the map; None where there is none, or it is not told."""
    if number == len(stages) - 1:
        return None
    source, to = stages[number]["stage"], stages[number + 1]["stage"]
    if row := _move(tables, group, source, to):
        return int(row["n_journeys"])
    is_rare = any(row["to_stage"] == to for row in tables.transitions.get((*group, source), ()))
    return None if is_rare else 0


def _tallest(tables: Tables, group: tuple[str, str, str]) -> int:
    """The journeys of the stage that most of them reach."""
    journey, persona, period = group
    return max(
        row["n_journeys"] or 0
        for key, row in tables.dropoff.items()
        if (key[0], *key[2:]) == (journey, persona, period)
    )


def _visible(row: Row | None) -> Row | None:
    return None if row is None or row["is_withheld"] else row


def _move(tables: Tables, group: tuple[str, str, str], source: str, to: str) -> Row | None:
    journey, persona, period = group
    return next(
        (
            row
            for row in tables.transitions.get((journey, persona, period, source), ())
            if row["to_stage"] == to and not row["is_rare"]
        ),
        None,
    )
