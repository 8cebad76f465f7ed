"""Transitions drawn as a graph along a diagonal: onward above it, back below it, where journeys end at each name."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import END_COLOURS, GREY, GRID, INK, PALETTE, frame, label, percent, span
from journey_mining.transitions.transitions import ENDS

WIDEST = 16
"""Pixels of the most frequent transition."""
BAR = 48
"""Pixels of the bar that stands for all visits ending there."""
ROW = 44
"""Pixels from one name to the next."""


def transitions_figure(
    table: pd.DataFrame, order: Sequence[str] | None = None, coverage: float = 0.9, most: int = 40
) -> go.Figure:
    """Draw a table of `transitions`: names from left to right and down, ways onward above them, ways back below.

    The width of a way is its n_transitions. Beside each name stands how often it was visited, which share of the visits
    a journey ended after (the bar: dropped, or ended without more known), and which was followed by itself. Ways that
    are not needed for `coverage` of the transitions, or beyond the `most` frequent, are not drawn; their sum is told.
    `order` lists the names; by default they stand by how far from the start they come (the trophic level of a flow,
    Levine 1980, from networkx).

    >>> table = pd.DataFrame({"from": ["(start)", "cart"], "to": ["cart", "(end)"], "n_transitions": [3, 3],
    ...     "n_people": [3, 3], "probability": [1.0, 1.0], "probability_low": [0.4, 0.4], "probability_high": [1.0, 1.0],
    ...     "median_seconds": [float("nan")] * 2})
    >>> [text.text for text in transitions_figure(table).layout.annotations]
    ['<b>(start)</b>  n = 3', '<b>cart</b>  n = 3<br><span style="color:#1C2333">(end) 100.0%</span>', '']
    """
    table = table[table["n_transitions"] > 0]
    names = ordered_names(table, order)
    places = {name: place for place, name in enumerate(names)}
    ways = table[~table["to"].isin(ENDS) & (table["from"] != table["to"])].sort_values(
        "n_transitions", ascending=False, kind="stable"
    )
    before = ways["n_transitions"].cumsum() - ways["n_transitions"]
    drawn = ways[before < coverage * ways["n_transitions"].sum()].head(most)
    figure = go.Figure([trace for way in drawn.to_dict("records")[::-1] for trace in _way(way, places, drawn)])
    figure.add_trace(_nodes(names, table))
    texts = [_name(name, place, table) for place, name in enumerate(names)]
    longest = max((len(line) for text in texts for line in _plain(text["text"])), default=0)
    layout = frame("How journeys go on: onward above, back below", 90 + ROW * len(names))
    layout["margin"] = layout["margin"] | {"l": BAR + 16 + 6.2 * longest}
    figure.update_layout(
        **layout,
        annotations=[*texts, _folded(ways, drawn)],
        shapes=_rows(names, table),
        xaxis={"visible": False, "range": [-0.6, len(names) - 0.4], "fixedrange": True},
        yaxis={"visible": False, "range": [0.4 - len(names), 0.6], "fixedrange": True},
        showlegend=False,
        hovermode="closest",
    )
    return figure


def _plain(text: str) -> list[str]:
    return [re.sub("<[^>]*>", "", line) for line in text.split("<br>")]


def ordered_names(table: pd.DataFrame, order: Sequence[str] | None = None) -> list[str]:
    """Return `(start)` and the names of a table of transitions in the order they are drawn in.

    >>> ordered_names(pd.DataFrame({"from": ["(start)", "b", "a"], "to": ["b", "a", "(end)"], "n_transitions": [2, 2, 2]}))
    ['(start)', 'b', 'a']
    """
    inner = table[~table["to"].isin(ENDS) & (table["from"] != table["to"])]
    names = sorted({*table["from"], *inner["to"]} - {"(start)"})
    if order is not None:
        wanted = [name for name in order if name in names]
        return ["(start)", *wanted, *(name for name in names if name not in wanted)]
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_weighted_edges_from(inner[["from", "to", "n_transitions"]].itertuples(index=False))
    levels: dict[str, float] = nx.trophic_levels(graph) if graph else {}
    return ["(start)", *sorted(names, key=lambda name: (round(levels.get(name, 1e9), 9), name))] if names else []


def _folded(ways: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, Any]:
    share = 1 - drawn["n_transitions"].sum() / max(1, ways["n_transitions"].sum())
    rest = (
        f"{len(ways) - len(drawn)} rarer ways, {percent(share)} of all, are not drawn" if len(ways) > len(drawn) else ""
    )
    place = {"x": 0, "xref": "paper", "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "left", "yshift": 2}
    return place | {"text": rest, "showarrow": False, "font": {"size": 11, "color": GREY}}


def _way(way: dict[Any, Any], places: dict[str, int], drawn: pd.DataFrame) -> list[go.Scatter]:
    """Return a way as a curve that leaves its source sideways and comes to its target from above or below."""
    start, end = places[way["from"]], places[way["to"]]
    is_onward = start < end
    along = np.linspace(0, 1, 60)
    x = start + (end - start) * (1 - (1 - along) ** 2)
    y = -start - (end - start - (0.25 if is_onward else -0.25)) * along**2
    colour = PALETTE[0] if is_onward else PALETTE[1]
    width = max(1.0, WIDEST * way["n_transitions"] / drawn["n_transitions"].max())
    hover = (
        f"<b>{label(way['from'])} → {label(way['to'])}</b><br>n = {way['n_transitions']:,} · {way['n_people']:,} people<br>"
        f"{percent(way['probability'])} of what leaves {label(way['from'])}{_interval(way)}<br>"
        f"median {span(way['median_seconds'])}"
    )
    line = go.Scatter(
        x=x, y=y, mode="lines", line={"color": colour, "width": width}, opacity=0.55, hovertext=hover, hoverinfo="text"
    )
    head = go.Scatter(
        x=[x[-1]],
        y=[y[-1]],
        mode="markers",
        marker={"symbol": "triangle-down" if is_onward else "triangle-up", "size": 8 + width / 3, "color": colour},
        hovertext=hover,
        hoverinfo="text",
    )
    middle = go.Scatter(
        x=[x[32]], y=[y[32]], mode="text", text=[f"{way['probability']:.0%}"], textfont={"size": 10, "color": INK},
        hovertext=hover, hoverinfo="text",
    )  # fmt: skip
    return [line, head, middle] if way["probability"] >= 0.05 else [line, head]


def _interval(way: dict[Any, Any]) -> str:
    low, high = way["probability_low"], way["probability_high"]
    return f" ({percent(low)} to {percent(high)})" if low == low else ""


def _visits(name: str, table: pd.DataFrame) -> int:
    return int(table.loc[table["from"] == name, "n_transitions"].sum())


def _nodes(names: Sequence[str], table: pd.DataFrame) -> go.Scatter:
    visits = np.array([_visits(name, table) for name in names], dtype=float)
    largest = visits.max() if len(visits) else 1
    return go.Scatter(
        x=list(range(len(names))),
        y=[-place for place in range(len(names))],
        mode="markers",
        marker={
            "size": 8 + 14 * np.sqrt(visits / largest),
            "color": [GREY if name == "(start)" else INK for name in names],
            "line": {"color": "white", "width": 2},
        },
        hovertext=[f"<b>{label(name)}</b><br>n = {_visits(name, table):,}" for name in names],
        hoverinfo="text",
    )


def _name(name: str, place: int, table: pd.DataFrame) -> dict[str, Any]:
    """Return what stands left of a node's row: its name, its visits, where they end, how many are followed by the same."""
    shares = table[table["from"] == name].set_index("to")["probability"]
    told = [(end, share) for end, share in _ended(shares).items() if share >= 0.01]
    ended = [f'<span style="color:{END_COLOURS.get(end, INK)}">{end} {percent(share)}</span>' for end, share in told]
    again = [f"↻ {percent(shares[name])}"] if name in shares else []
    below = "<br>" + " · ".join([*ended, *again]) if ended or again else ""
    return {
        "x": 0,
        "xref": "paper",
        "y": -place,
        "text": f"<b>{label(name)}</b>  n = {_visits(name, table):,}{below}",
        "showarrow": False,
        "align": "right",
        "xanchor": "right",
        "xshift": -BAR - 8,
        "font": {"size": 11},
    }


def _ended(shares: pd.Series) -> dict[str, float]:
    return {end: float(shares[end]) for end in ENDS if end in shares}


def _rows(names: Sequence[str], table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a faint line along each row, and a bar as long as the share of its visits that ended without success."""
    shapes: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        ended = _ended(table[table["from"] == name].set_index("to")["probability"])
        lost = next(((end, ended[end]) for end in ("(dropped)", "(end)") if end in ended), ("(end)", 0.0))
        line = {
            "type": "line",
            "x0": -0.6,
            "x1": place,
            "y0": -place,
            "y1": -place,
            "line": {"color": GRID, "width": 1},
        }
        bar = {
            "type": "rect",
            "xref": "paper",
            "xsizemode": "pixel",
            "xanchor": 0,
            "x0": -BAR,
            "x1": BAR * (lost[1] - 1),
        }
        height = {"y0": -place - 0.12, "y1": -place + 0.12, "fillcolor": END_COLOURS.get(lost[0], GREY)}
        shapes += [line | {"layer": "below"}, bar | height | {"line": {"width": 0}}]
    return shapes
