"""A diagram of flows as Plotly's JSON; every text that it is given must be escaped already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journey_mining.flows.diagram import Flow, Place
from journey_mining.flows.diagram_layout import layout, units

THICKNESS, LABEL, LETTER, SIDE = 14, 11, 6.5, 8
"""Pixels: the width of a node, the size of its label, the width of a letter of it, on average in a wide font; the margin."""


@dataclass(frozen=True)
class Told:
    """What stands beside the nodes of a diagram, their colours, and what nodes and links say when pointed at.

    A link has the colour of its source if it has none of its own.
    """

    labels: Mapping[Place, str]
    colours: Mapping[Place, str]
    nodes: Mapping[Place, str]
    links: Mapping[tuple[Place, Place], str]
    link_colours: Mapping[tuple[Place, Place], str] = field(default_factory=dict)


def diagram_trace(flow: Flow, order: Sequence[str], height: float, told: Told) -> tuple[dict[str, Any], list[Place]]:
    """Return a Sankey diagram, left to right by column, its height the number of journeys; and its nodes in their order."""
    centres, pad = layout(flow, order, height)
    places = sorted((node.place for node in flow.nodes), key=lambda place: centres[place])
    number = {place: position for position, place in enumerate(places)}
    # Plotly stacks the links of a node in the order of the input: by the height of both ends none crosses at a node.
    links = sorted(
        flow.links, key=lambda link: (centres[link.source][1], centres[link.target][1], centres[link.source][0])
    )
    tints = [told.link_colours.get((link.source, link.target), told.colours[link.source]) for link in links]
    trace = {
        "type": "sankey",
        "textfont": {"size": LABEL},
        "arrangement": "fixed",
        "orientation": "h",
        "domain": {"x": [0, 1], "y": [0, 1]},
        "node": {
            "x": [centres[place][0] for place in places],
            "y": [centres[place][1] for place in places],
            "pad": pad,
            "thickness": THICKNESS,
            "align": "left",
            "sort": "input",
            "label": [told.labels[place] for place in places],
            "color": [told.colours[place] for place in places],
            "line": {"width": 0},
            "customdata": [told.nodes[place] for place in places],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        "link": {
            "source": [number[link.source] for link in links],
            "target": [number[link.target] for link in links],
            "value": [link.n_journeys for link in links],
            "sort": "input",
            "color": [tint(colour, 0.38) for colour in tints],
            "hovercolor": [tint(colour, 0.72) for colour in tints],
            "customdata": [told.links[link.source, link.target] for link in links],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }
    return trace, places


def needed_width(flow: Flow, labels: Iterable[str]) -> int:
    """Return the pixels at which no label reaches into the next column."""
    return round(units(flow) * (THICKNESS + 10 + LETTER * max(map(len, labels))) + 2 * SIDE)


def tint(colour: str, opacity: float) -> str:
    """Return a colour as Plotly takes a translucent one.

    >>> tint("#0072B2", 0.4)
    'rgba(0, 114, 178, 0.4)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
