"""The flow page: how journeys move from stage to stage, and how far they get, for every journey and persona."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from plotly.offline import get_plotlyjs

from journey_mining.flows.diagram import ENDS, MORE, Flow
from pipelines.figures import Stage, sankey_figure, stage_colours
from pipelines.flow_links import flow, later
from pipelines.flow_tables import Rung, Step, flow_text, rare_text, rungs_of, steps_of, window_text
from pipelines.journey_funnel import journey_funnel, last_position
from pipelines.pages import Figure, asset, build, render, rows
from pipelines.privacy import ALL, least_people
from pipelines.switches import personas
from pipelines.warehouse import run_all
from pipelines.withheld import Cells, shared_kpis, told_periods, told_totals, withhold
from pipelines.wording import WITHHELD, count, counted, days, interval, percent

MAX_VISITS = 5
"""More columns than this leave no room for whole labels on a laptop."""
HEIGHT, HEIGHT_ABOVE_CLOSER = 600, 460
"""Pixels; what is drawn again larger below may be lower."""
PLOTLY_STYLE = ""
"""The policy has to know this one: plotly.js adds an empty style and fills it rule by rule."""

Row = Mapping[str, Any]
ALL_DAYS = "all"
JOURNEYS = "SELECT journey, label, window_seconds, success_stage FROM journey_definitions ORDER BY position, journey"
STAGES = "SELECT stage, label FROM stages WHERE journey = $journey ORDER BY position, stage"
PERSONAS = "SELECT persona, label FROM personas ORDER BY position, persona"
COUNTED = "SELECT DISTINCT persona FROM journey_totals WHERE period = 'all' AND n_journeys > 0"
TOTALS = """
SELECT persona, n_journeys, n_people, n_succeeded, n_dropped, n_active, n_open, conversion_rate, conversion_low, conversion_high,
    first_on, last_on
FROM journey_totals
WHERE journey = $journey AND period = 'all'
"""
WAYS = (Path(__file__).parent / "journey_flow.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Diagram:
    """A drawing as Plotly's JSON, its heading, and what it shows in words."""

    id: str
    title: str
    words: str
    figure: dict[str, Any]


@dataclass(frozen=True)
class View:
    """The page for one journey and persona; without diagrams or rungs where too few people would stand behind them."""

    id: str
    journey: str
    persona: str
    title: str
    who: str
    when: str
    n_journeys: str
    nothing: str
    """What stands where there is nothing to draw."""
    facts: list[tuple[Figure, str]]
    diagrams: list[Diagram]
    rare: str
    steps: list[Step]
    rungs: list[Rung]
    within: str
    n_withheld: int
    """A diagram, if it is not told, and the stages of the funnel from the first on that is not: how far its few came is not told."""
    is_shown: bool


def journey_flow(con: duckdb.DuckDBPyConnection) -> str:
    """Render the flow of every journey, by persona, as one HTML page."""
    journeys, k = rows(con, JOURNEYS), least_people(con)
    labels = {row["persona"]: row["label"] for row in rows(con, PERSONAS)}
    labels = {one: labels[one] for one in personas(labels, {row["persona"] for row in rows(con, COUNTED)})}
    told = told_totals(con, shared_kpis(con).told)
    views = [
        view for number, journey in enumerate(journeys) for view in views_of(con, number, journey, labels, told, k)
    ]
    return render(
        "journey_flow.html.j2",
        page="journey_flow",
        build=build(con),
        views=views,
        switches=switches(journeys, labels, views),
        least_people=k,
        n_withheld=sum(view.n_withheld for view in views),
        scripts=[asset("strict_styles.js"), plotly_script(), asset("journey_flow.js")],
        styles=[asset("journey_flow.css"), PLOTLY_STYLE],
    )


@cache
def plotly_script() -> str:
    """The whole of plotly.js: no smaller bundle of it can draw a Sankey diagram."""
    return str(get_plotlyjs())


def views_of(
    con: duckdb.DuckDBPyConnection, number: int, journey: Row, labels: Mapping[str, str], cells: Cells, k: int
) -> Iterator[View]:
    """Yield the view of one journey for everyone, then for each persona with mature journeys; `cells` may be told."""
    name = journey["journey"]
    stages = stages_of(rows(con, STAGES, {"journey": name}))
    totals = {row["persona"]: row for row in rows(con, TOTALS, {"journey": name}) if row["n_journeys"]}
    told = {persona: row for persona, row in totals.items() if (name, persona, "all") in cells}
    funnels = list(journey_funnel(con, name, last_position(journey, stages)))
    found: dict[str, list[Row]] = defaultdict(list)
    # Of all personas, also of those that are hidden whole: what they have together follows from what is told.
    kept = told_periods(
        (row | {"period": ALL_DAYS} for row in funnels), ["stage"], {row["persona"] for row in funnels}, k
    )
    for row in withhold(
        [row for row in funnels if row["persona"] in told],
        lambda row: (row["stage"], row["persona"], ALL_DAYS) in kept,
        ["persona", "stage", "position"],
    ):
        found[row["persona"]].append(row)
    reached = [row["stage"] for row in sorted(funnels, key=lambda row: row["position"]) if row["persona"] == ALL]
    run_all(con, WAYS, {"journey": name, "max_visits": MAX_VISITS})
    for position, persona in enumerate(persona for persona in labels if persona in totals or persona == ALL):
        total = told.get(persona)
        drawn = longest_flow(con, persona, k) if total else None
        rungs = rungs_of(sorted(found[persona], key=lambda row: row["position"]), stages)
        hidden = [stage for stage in reached if not total or (stage, persona, ALL_DAYS) not in kept]
        n_hidden = len(reached) - reached.index(hidden[0]) if hidden else 0
        view_id = f"flow-{number}-{position}"
        yield View(
            id=view_id,
            journey=name,
            persona=persona,
            title=journey["label"],
            who=labels[persona],
            when=days(total["first_on"], total["last_on"]) if total else "",
            n_journeys=count(total["n_journeys"]) if total else "withheld" if persona in totals else "0",
            nothing=WITHHELD if persona in totals else "No mature journey yet.",
            facts=facts(total, name) if total else [],
            diagrams=diagrams(view_id, drawn, stages) if drawn else [],
            rare=rare_text(drawn) if drawn else "",
            steps=steps_of(drawn, stages) if drawn else [],
            rungs=rungs,
            within=window_text(journey["window_seconds"]),
            n_withheld=(not drawn) + n_hidden if persona in totals else 0,
            is_shown=number == 0 and position == 0,
        )


def stages_of(listed: Sequence[Row]) -> dict[str, Stage]:
    """Return the stages of a journey by name, in order, each with its colour."""
    colours = stage_colours([row["stage"] for row in listed])
    return {row["stage"]: Stage(row["stage"], row["label"], colours[row["stage"]]) for row in listed}


def longest_flow(con: duckdb.DuckDBPyConnection, persona: str, k: int) -> Flow | None:
    """Return the flow over as many visits as enough people stand behind; None where they do not for a single one."""
    found = (flow(con, persona, n_visits, k) for n_visits in range(MAX_VISITS, 0, -1))
    return next((drawn for drawn in found if drawn is not None), None)


def diagrams(view_id: str, drawn: Flow, stages: Mapping[str, Stage]) -> list[Diagram]:
    """Return the diagram of a flow, and a closer look where less than a third of the journeys come to a second visit."""
    n = sum(node.n_journeys for node in drawn.nodes if node.place[0] == 2 and node.place[1] not in (*ENDS, MORE))
    is_closer = 0 < n < drawn.n_journeys / 3 and drawn.columns[1] > 3
    whole = Diagram(
        view_id,
        "",
        flow_text(drawn, stages),
        sankey_figure(drawn, stages, HEIGHT_ABOVE_CLOSER if is_closer else HEIGHT),
    )
    if not is_closer:
        return [whole]
    title = f"A closer look at the {percent(n / drawn.n_journeys)} who come to a second visit"
    figure = sankey_figure(later(drawn, 2), stages, HEIGHT)
    return [whole, Diagram(f"{view_id}-closer", title, f"{title}: the same flow, drawn larger.", figure)]


def facts(total: Row, journey: str) -> list[tuple[Figure, str]]:
    """Return the numbers above the diagram, each with the row it comes from, and its name."""
    key = {"journey": journey, "persona": total["persona"], "period": "all"}
    success = interval(total["conversion_low"], total["conversion_high"])
    n = f"{count(total['n_succeeded'])} of {counted(total['n_journeys'], 'journey')}"

    def whole(column: str, what: str) -> Figure:
        return Figure(count(total[column]), what, "journey_totals", column, key, total[column])

    return [
        (whole("n_people", "People with a mature journey"), "people"),
        (whole("n_journeys", "Mature journeys"), "journeys"),
        (
            Figure(
                percent(total["conversion_rate"]),
                "Journeys that succeed within their window",
                "journey_totals",
                "conversion_rate",
                key,
                total["conversion_rate"],
                success,
                n,
            ),
            "succeed",
        ),
        (whole("n_dropped", "Journeys that left for good"), "left for good"),
        (whole("n_active", "Journeys still active"), "still active"),
    ]


def switches(
    journeys: Sequence[Row], labels: Mapping[str, str], views: Sequence[View]
) -> dict[str, list[dict[str, Any]]]:
    """Return the options of the two radio groups; the first of each is chosen."""
    present = {persona: [view.journey for view in views if view.persona == persona] for persona in labels}
    first = journeys[0]["journey"] if journeys else ""
    return {
        "journey": [{"value": one["journey"], "label": one["label"], "notes": [], "marks": []} for one in journeys],
        "persona": [
            {
                "value": persona,
                "label": label,
                "marks": [],
                "only": {"journey": present[persona]} if persona != ALL else {},
                "shown": first in present[persona],
                "notes": [
                    {
                        "text": view.n_journeys,
                        "only": {"journey": [view.journey]},
                        "shown": view.journey == first,
                    }
                    for view in views
                    if view.persona == persona
                ],
            }
            for persona, label in labels.items()
            if present[persona]
        ],
    }
