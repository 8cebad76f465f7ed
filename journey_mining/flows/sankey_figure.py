"""Journeys step by step, drawn as a Sankey diagram: width is the number of journeys, and nobody is lost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.errors import require_columns
from journey_mining.figures import DIVERGING, END_COLOURS, GREY, colours, frame, interval, label, nothing, percent
from journey_mining.flows.diagram import MORE, OTHER, RARE, RARE_SHARE, START, Flow, Link, Node, Place, is_stage
from journey_mining.flows.diagram_layout import across
from journey_mining.flows.diagram_trace import SIDE, Told, diagram_trace, needed_width

HEIGHT, ABOVE, BELOW, LEAST_WIDTH = 560, 84, 30, 880
"""Pixels: all of it, what is above and below the nodes, and how wide it is if no label needs more."""
SIGNS = {
    "(success)": "✓ success",
    "(dropped)": "✕ dropped",
    "(active)": "… active",
    "(end)": "end",
    MORE: "→ more",
    START: "start",
    OTHER: "other",
    RARE: "rare",
}
"""Names of our own, with a sign where they have a colour."""
DIFFERENCE = "Difference: purple is more in the first, orange in the second, grey may be chance"


def sankey_figure(links: pd.DataFrame) -> Figure:
    """Draw a table of `sankey`, or the `share_difference` of two: then what is more than chance has the colour.

    What is drawn is what the shares count: mature journeys. The title tells how many are open. Names have the order and
    the colours of the stages of the workspace, or else those of their size, the largest first.
    Links of fewer than RARE_SHARE of all journeys that are not the main way into or out of a name are drawn together,
    by way of a grey node between two columns; the line below says how many they are.

    >>> from journey_mining import sankey
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> sankey_figure(sankey(steps)).data[0].node.label
    ('start 100.0%', 'cart 100.0%', 'pay 50.0%', 'end 50.0%', 'end 50.0%')
    """
    require_columns("links", ("step", "source", "target"), links.columns)
    is_difference = "difference" in links
    if is_difference:
        links = links.assign(n_journeys=links["n_journeys_first"] + links["n_journeys_second"])
    drawn = links[links["n_journeys"] > 0]
    n_journeys = _n_beginning(links, "n_journeys")
    if not n_journeys:
        return nothing("No journey is mature: there is nothing to draw")
    is_rare = _is_rare(drawn, n_journeys)
    flow = _flow(drawn, is_rare, n_journeys)
    names = _ordered_names(drawn, links.attrs.get("order", ()))
    told = _told(flow, names, drawn[~is_rare])
    trace, _ = diagram_trace(flow, names, HEIGHT - ABOVE - BELOW, told)
    layout = frame(DIFFERENCE if is_difference else _title(links, n_journeys), HEIGHT)
    layout["margin"] = {"l": SIDE, "r": SIDE, "t": ABOVE, "b": BELOW}
    layout["width"] = max(LEAST_WIDTH, needed_width(flow, told.labels.values()))
    layout["annotations"] = [*_headings(flow), *_foot(flow)]
    return Figure(data=[trace], layout=layout)


def _n_beginning(links: pd.DataFrame, count: str) -> int:
    """Return how many journeys begin in the diagram, by one of its columns."""
    return int(links.loc[(links["source"] == START) | _is_cut(links), count].sum())


def _ordered_names(links: pd.DataFrame, order: Sequence[str]) -> list[str]:
    """Return the names of places where journeys stay: those of an order as they stand there, then the largest first."""
    volume = links.groupby("target")["n_journeys"].sum().add(links.groupby("source")["n_journeys"].sum(), fill_value=0)
    largest = volume.sort_values(ascending=False, kind="stable").index
    return [*order, *(name for name in largest if is_stage(name) and name not in order)]


def _is_cut(links: pd.DataFrame) -> pd.Series:
    """Tell which links come from what has no column of its own because it was too early."""
    is_cut: pd.Series = (links["source"] == MORE) & (links["step"] == links["step"].min())
    return is_cut


def _is_rare(links: pd.DataFrame, n_journeys: int) -> pd.Series:
    """Tell which links are drawn together, two or more between two columns."""
    largest_out = links.groupby(["step", "source"])["n_journeys"].transform("max")
    largest_in = links.groupby(["step", "target"])["n_journeys"].transform("max")
    is_main = (links["n_journeys"] == largest_out) | (links["n_journeys"] == largest_in)
    is_rare = (links["n_journeys"] < RARE_SHARE * n_journeys) & ~is_main
    return is_rare & (is_rare.groupby(links["step"]).transform("sum") > 1)


def _flow(links: pd.DataFrame, is_rare: pd.Series, n_journeys: int) -> Flow:
    """Return the diagram: a node's volume is what flows into it, or out of it where nothing does."""
    drawn: dict[tuple[Place, Place], tuple[int, int]] = {}
    rare: dict[int, tuple[int, int]] = {}
    for step, source, target, n, n_people, hidden in zip(
        *(links[column].tolist() for column in ("step", "source", "target", "n_journeys")),
        links["n_people"].tolist() if "n_people" in links else [0] * len(links),
        is_rare.tolist(),
        strict=True,
    ):
        hub = (step + 0.5, RARE)
        ways = [((step, source), hub), (hub, (step + 1, target))] if hidden else [((step, source), (step + 1, target))]
        for way in ways:
            n_before, _ = drawn.get(way, (0, 0))
            drawn[way] = (n_before + n, 0 if hidden else n_people)
        if hidden:
            n_links, n_rare = rare.get(step, (0, 0))
            rare[step] = (n_links + 1, n_rare + n)
    into, out = Counter[Place](), Counter[Place]()
    for (source, target), (n, _) in drawn.items():
        out[source] += n
        into[target] += n
    nodes = tuple(Node(place, into[place] or out[place], 0) for place in sorted({*into, *out}))
    found = tuple(Link(source, target, n, n_people) for (source, target), (n, n_people) in drawn.items())
    return Flow(n_journeys, 0, nodes, found, rare)


def _told(flow: Flow, names: Sequence[str], links: pd.DataFrame) -> Told:
    colour = {} if "difference" in links else colours(names)
    labels = {
        node.place: f"{_named(node.place[1])} {percent(node.n_journeys / flow.n_journeys)}" for node in flow.nodes
    }
    rows = {((row["step"], row["source"]), (row["step"] + 1, row["target"])): row for row in links.to_dict("records")}
    return Told(
        labels={place: text if place[1] != RARE else "" for place, text in labels.items()},
        colours={place: colour.get(place[1]) or END_COLOURS.get(place[1], GREY) for place in labels},
        nodes={
            node.place: f"<b>{_named(node.place[1])}</b><br>{node.n_journeys:,} journeys<br>"
            f"{percent(node.n_journeys / flow.n_journeys)} of all"
            for node in flow.nodes
        },
        links={
            (link.source, link.target): _link_text(link, flow, rows.get((link.source, link.target), {}))
            for link in flow.links
        },
        link_colours={way: _difference_colour(row) for way, row in rows.items() if "difference" in row},
    )


def _named(name: str) -> str:
    return SIGNS.get(name) or label(name)


def _difference_colour(row: Mapping[Any, Any]) -> str:
    if not row["p_adjusted"] < 0.05:
        return GREY
    return DIVERGING[2][1] if row["difference"] > 0 else DIVERGING[0][1]


def _link_text(link: Link, flow: Flow, row: Mapping[Any, Any]) -> str:
    """Return what a link says when pointed at: how many, of how many people, and which share with its interval."""
    lines = [f"<b>{_named(link.source[1])} → {_named(link.target[1])}</b>", f"{link.n_journeys:,} journeys"]
    if link.n_people:
        lines[-1] += f" of {link.n_people:,} people"
    if "difference" in row:
        shares = f"{percent(row['share_first'])} and {percent(row['share_second'])} of all"
        return "<br>".join([*lines, shares, f"{100 * row['difference']:+.1f} points, p {row['p_adjusted']:.2g}"])
    share = row.get("share", link.n_journeys / flow.n_journeys)
    between = f" {interval(row['share_low'], row['share_high'])}" if "share_low" in row else ""
    return "<br>".join([*lines, f"{percent(share)}{between} of all"])


def _title(links: pd.DataFrame, n_journeys: int) -> str:
    coverage = float(links["coverage"].iloc[0]) if "coverage" in links else 1.0
    n_open = _n_beginning(links, "n_open") if "n_open" in links else 0
    parts = [f"{n_journeys:,} journeys step by step"]
    parts += [f"{percent(coverage)} of all"] * (coverage < 1)
    parts += [f"{n_open:,} open ones left out"] * (n_open > 0)
    return ", ".join(parts)


def _headings(flow: Flow) -> list[dict[str, Any]]:
    """Return what stands above the columns: which step it is, and the share of journeys that are there."""
    first, last = flow.columns
    found = []
    for column in range(first, last + 1):
        there = [n for n in flow.nodes if n.place[0] == column and is_stage(n.place[1])]
        if not there:
            continue
        share = percent(sum(node.n_journeys for node in there) / flow.n_journeys)
        place = {"x": across(flow, column), "xref": "paper", "y": 1, "yref": "paper", "yanchor": "bottom"}
        text = f"<b>step {column}</b><br>{share}"
        style = {"showarrow": False, "align": "left", "xanchor": "left", "xshift": -7, "font": {"size": 11}}
        found.append(place | style | {"text": text})
    return found


def _foot(flow: Flow) -> list[dict[str, Any]]:
    """Return the line on what is drawn together."""
    if not flow.rare:
        return []
    n_links = sum(n for n, _ in flow.rare.values())
    n_ways = sum(n for _, n in flow.rare.values())
    text = f"Grey ways between columns: {n_links:,} rare links, taken {n_ways:,} times in all."
    place = {"x": 0, "xref": "paper", "y": 0, "yref": "paper", "yshift": -24, "xanchor": "left"}
    return [place | {"showarrow": False, "text": text, "font": {"size": 11, "color": "#5A6373"}}]
