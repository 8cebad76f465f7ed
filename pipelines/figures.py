"""Pure functions from values to Plotly figures; every string that comes from data is escaped here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from typing import Any

from journey_mining.figures import END_COLOURS, FONT, GREY, INK, PALETTE
from journey_mining.flows.diagram import ENDS, MORE, OTHER, RARE, START, Flow, Link, Node, Place
from journey_mining.flows.diagram_layout import across
from journey_mining.flows.diagram_trace import SIDE, Told, diagram_trace, needed_width
from pipelines.wording import counted, percent

TOP, BOTTOM = 50, 8
"""Pixels above and below the nodes; the headings stand in the upper margin."""
END_LABELS = {
    "(success)": "✓ Success",
    "(active)": "… Active",
    "(dropped)": "✕ Dropped",
    MORE: "→ Go on",
    START: "Start",
}


@dataclass(frozen=True)
class Stage:
    """A stage as the page knows it; the label is still as it came."""

    name: str
    label: str
    colour: str


def stage_colours(names: Sequence[str]) -> dict[str, str]:
    """Return one colour per stage, in order.

    >>> stage_colours(["search", "buy"])
    {'search': '#0072B2', 'buy': '#E69F00'}
    """
    return {name: PALETTE[position % len(PALETTE)] for position, name in enumerate(names)}


def ordinal(n: int) -> str:
    """Return the n-th, in words a heading has room for.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 21)]
    ['1st', '2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def column_name(place: Place) -> str:
    """Return what the column of a node is called, or where else it is.

    >>> [column_name(place) for place in ((0, "(start)"), (2, "cart"), (2.5, "(rare)"), (6, "(dropped)"), (6, "(more)"))]
    ['Start', '2nd visit', 'After the 2nd visit', 'After the 5th visit', 'After the 5th visit']
    """
    column, name = place
    if name in (MORE, RARE, *ENDS):
        return f"After the {ordinal(ceil(column) - 1)} visit"
    return "Start" if column == 0 else f"{ordinal(int(column))} visit"


def node_label(node: Node, stages: Mapping[str, Stage], is_short: bool = False) -> str:
    """Return what a node is called, a merged one by all its names; in short, stages are only counted."""
    name = node.place[1]
    if name == RARE:
        return "(other)"
    if name == OTHER and is_short:
        return f"{len(node.members)} more stages"
    if not node.members:
        return stages[name].label if name in stages else END_LABELS[name]
    ends = ("(dropped)", "(active)", "(success)")
    known = {stage.name: stage.label for stage in stages.values()} | {one: END_LABELS[one][2:] for one in ends}
    return ("/" if is_short else " or ").join(label for one, label in known.items() if one in node.members)


def node_colour(node: Node, stages: Mapping[str, Stage]) -> str:
    """Return the fill of a node: its stage's, its end's, or grey for what is merged of several."""
    name = node.place[1]
    return stages[name].colour if name in stages else END_COLOURS.get(name, GREY)


def is_loss(node: Node) -> bool:
    """Tell whether all journeys of this node are lost: it is hatched, so that colour is not the only sign."""
    return node.place[1] == "(dropped)"


def sankey_figure(flow: Flow, stages: Mapping[str, Stage], height: int = 600) -> dict[str, Any]:
    """Return the Sankey diagram of a flow as Plotly's JSON: left to right by step, height is the number of journeys."""
    named = {node.place: node for node in flow.nodes}
    labels = {
        node.place: f"{node_label(node, stages, is_short=True)} {percent(node.n_journeys / flow.n_journeys)}"
        for node in flow.nodes
    }
    told = Told(
        labels={place: escape(label) for place, label in labels.items()},
        colours={node.place: node_colour(node, stages) for node in flow.nodes},
        nodes={node.place: node_text(node, flow, stages) for node in flow.nodes},
        links={(link.source, link.target): link_text(link, named, flow, stages) for link in flow.links},
    )
    sankey, places = diagram_trace(flow, tuple(stages), height - TOP - BOTTOM, told)
    meta = {
        "width": needed_width(flow, labels.values()),
        "losses": [number for number, place in enumerate(places) if is_loss(named[place])],
    }
    return {"data": [sankey], "layout": _frame(headings(flow), meta, height)}


def headings(flow: Flow) -> list[dict[str, Any]]:
    """Return what stands above the columns: which visit it is, and the share of journeys that come to it."""
    first, last = flow.columns
    return [
        {
            "x": across(flow, column),
            "y": 1,
            "xref": "paper",
            "yref": "paper",
            "xshift": -7 if column < last else 7,
            "yshift": 34,
            "text": "<br>".join(heading(flow, column)),
            "showarrow": False,
            "align": align,
            "xanchor": align,
            "yanchor": "middle",
            "font": {"size": 12},
        }
        for column in range(first, last + 1)
        for align in ["left" if column < last else "right"]
    ]


def heading(flow: Flow, column: int) -> tuple[str, str]:
    """Return the two lines above a column."""
    n = sum(node.n_journeys for node in flow.nodes if node.place[0] == column and node.place[1] not in ENDS)
    if column == 0:
        return "<b>Start</b>", counted(n, "journey")
    if column <= flow.n_visits:
        return (
            f"<b>{'1st stage' if column == 1 else ordinal(column)} visit</b>",
            f"{percent(n / flow.n_journeys)} get here",
        )
    after = f"after the {ordinal(flow.n_visits)}"
    return ("<b>Then</b>", after) if column == flow.n_visits + 1 else ("<b>In the end</b>", "of those who go on")


def node_text(node: Node, flow: Flow, stages: Mapping[str, Stage]) -> str:
    """Return what a node says when pointed at."""
    where = "In the end" if node.place[0] > flow.n_visits + 1 else column_name(node.place)
    what = f"{where}: {'rare ways' if node.place[1] == RARE else node_label(node, stages)}" if node.place[0] else where
    return _text(what, node.n_journeys, node.n_people, [(flow.n_journeys, "all journeys")])


def link_text(link: Link, nodes: Mapping[Place, Node], flow: Flow, stages: Mapping[str, Stage]) -> str:
    """Return what a link says when pointed at."""
    source, target = nodes[link.source], nodes[link.target]
    title = f"{node_label(source, stages)} → {node_label(target, stages)}"
    of = [(source.n_journeys, node_label(source, stages)), (flow.n_journeys, "all journeys")]
    return _text(title, link.n_journeys, link.n_people, of if link.source[0] else of[1:])


def _text(title: str, n: int, n_people: int, of: Sequence[tuple[int, str]]) -> str:
    shares = "".join(f"<br>{percent(n / total)} of {escape(what)}" for total, what in of)
    people = f" of {counted(n_people, 'person', 'people')}" if n_people else ""
    return f"<b>{escape(title)}</b><br>{counted(n, 'journey')}{people}{shares}"


def _frame(annotations: list[dict[str, Any]], meta: dict[str, Any], height: int) -> dict[str, Any]:
    return {
        "autosize": True,
        "height": height,
        "margin": {"l": SIDE, "r": SIDE, "t": TOP, "b": BOTTOM},
        "font": FONT,
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "hovermode": "closest",
        "annotations": annotations,
        "meta": meta,
        "hoverlabel": {
            "align": "left",
            "bgcolor": "#FFFFFF",
            "bordercolor": "#C5CAD3",
            "font": {"color": INK, "size": 13},
        },
    }
