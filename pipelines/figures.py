"""Pure functions from values to Plotly figures; every string that comes from data is escaped here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import plotly.graph_objects as go

from pipelines.flow_links import ENDS, MORE, OTHER, OTHER_END, RARE, START, Flow, Link, Node, Place, is_stage
from pipelines.pages import count, share

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 640, 56, 12, 10, 96
"""Pixels: the height is ours, the width that of the window; the margin on the right holds the labels of the last column."""
SLOT, GAP = 17.0, 5.0
"""Pixels: a node has room for its label however few journeys it holds, and air to the next."""
THICKNESS = 14
STAGE_COLOURS = ("#0072B2", "#56B4E9", "#E69F00", "#CC79A7", "#6A4C93", "#44AA99", "#999933", "#8C6D31", "#882255", "#332288")
"""After Okabe and Ito, and Tol: told apart by the colour-blind; red and green are left to the ends."""
GREY, INK = "#8A93A3", "#1c2333"
END_STYLES = {"(success)": ("#1B7F4B", "#1B7F4B"), "(active)": ("#FFFFFF", "#6B7280"), "(dropped)": ("#E9B4B0", "#A63A36")}
"""The fill and the outline of an end: a success is solid, who is still active is hollow, a loss is pale within a red line."""
END_LABELS = {"(success)": "✓ Success", "(active)": "… Active", "(dropped)": "✕ Dropped", MORE: "→ Go on", START: "Start"}


@dataclass(frozen=True)
class Stage:
    """A stage as the page knows it; the label is still as it came."""

    name: str
    label: str
    colour: str


def stage_colours(names: Sequence[str]) -> dict[str, str]:
    """Return one colour per stage, in order.

    >>> stage_colours(["search", "buy"])
    {'search': '#0072B2', 'buy': '#56B4E9'}
    """
    return {name: STAGE_COLOURS[position % len(STAGE_COLOURS)] for position, name in enumerate(names)}


def tint(colour: str, opacity: float) -> str:
    """Return a colour as Plotly takes a translucent one.

    >>> tint("#0072B2", 0.4)
    'rgba(0, 114, 178, 0.4)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def ordinal(n: int) -> str:
    """Return the n-th, in words a heading has room for.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 21)]
    ['1st', '2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def node_label(node: Node, stages: Mapping[str, Stage]) -> str:
    """Return what a node is called, whole; merged ones by all their names while these are two."""
    members = node.members or (node.place[1],)
    if node.place[1] == RARE:
        return "(other)"
    if len(members) > 2:
        return f"Other ({len(members)} {'stages' if node.place[1] == OTHER else 'ends'})"
    return " or ".join(stages[name].label if name in stages else END_LABELS[name] for name in members)


def node_style(node: Node, stages: Mapping[str, Stage]) -> tuple[str, str]:
    """Return the fill and the outline of a node."""
    name = node.place[1]
    if name == OTHER_END:
        return END_STYLES["(dropped)" if "(dropped)" in node.members else "(active)"]
    colour = stages[name].colour if name in stages else INK if name == START else GREY
    return END_STYLES.get(name, (colour, colour))


def layout(flow: Flow, order: Sequence[str]) -> tuple[dict[Place, tuple[float, float]], float]:
    """Return the centre of each node (x, y within 0.001..0.999) and the `pad` that makes Plotly draw to our scale.

    A column is a step. Stages stand in their order from the top, ends on the floor, the dropped lowest: height is volume.
    """
    height = HEIGHT - TOP - BOTTOM
    columns = _columns(flow, order)
    scale, pad = _scale(flow, columns, height)
    last = max(column for column, _ in columns)
    centres: dict[Place, tuple[float, float]] = {}
    floors = {column: 0.0 for column, _ in columns}
    roofs = {column: float(height) for column, _ in columns}
    for (column, _), nodes in columns.items():
        stages = [node for node in nodes if not _is_end(node)]
        for node, y in _packed(stages, 0.0, scale):
            centres[node.place] = (column / last, y / height)
            floors[column] = y + max(node.n_journeys * scale, SLOT) / 2
        ends = [node for node in nodes if _is_end(node)]
        top = height - _stack(ends, scale)
        for node, y in _packed(ends, top, scale):
            centres[node.place] = (column / last, y / height)
            roofs[column] = top
    for node in flow.nodes:
        if node.place[1] == RARE:
            column = int(node.place[0] + 0.5)
            centres[node.place] = (node.place[0] / last, (floors[column] + roofs[column]) / 2 / height)
    return {place: (_inside(x), _inside(y)) for place, (x, y) in centres.items()}, pad


def _inside(share_of_axis: float) -> float:
    """Plotly ignores a position of exactly 0 and clips one outside."""
    return round(min(max(share_of_axis, 0.001), 0.999), 5)


def _is_end(node: Node) -> bool:
    return node.place[1] in ENDS


def _columns(flow: Flow, order: Sequence[str]) -> dict[tuple[float, str], list[Node]]:
    rank = {name: position for position, name in enumerate((START, MORE, *order, OTHER, *ENDS))}
    columns: dict[tuple[float, str], list[Node]] = {}
    for node in sorted((node for node in flow.nodes if node.place[1] != RARE), key=lambda n: (n.place[0], rank[n.place[1]])):
        columns.setdefault((node.place[0], ""), []).append(node)
    return columns


def _stack(nodes: Sequence[Node], scale: float) -> float:
    return sum(max(node.n_journeys * scale, SLOT) + GAP for node in nodes)


def _packed(nodes: Sequence[Node], top: float, scale: float) -> list[tuple[Node, float]]:
    placed = []
    for node in nodes:
        slot = max(node.n_journeys * scale, SLOT)
        placed.append((node, top + slot / 2))
        top += slot + GAP
    return placed
