"""Transitions drawn as a graph along a diagonal: onward above it, back below it, where journeys end at each name."""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import END_COLOURS, GREY, GRID, INK, PALETTE, PAPER, frame, interval, label, percent, span
from journey_mining.transitions.graph_layout import drawn_ways, n_visits, ordered_names, told_lines
from journey_mining.transitions.transitions import ENDS

WIDEST = 16
"""Pixels of the most frequent transition."""
BAR = 40
"""Pixels of the bar that stands for all visits ending there."""
LINE = 14
"""Pixels from one line of a text to the next."""
HEAD = ("symbol", "size", "color")
HALO = ", ".join([f"0 0 2px {PAPER}"] * 4)


def transitions_figure(
    table: pd.DataFrame, order: Sequence[str] | None = None, coverage: float = 0.9, most: int = 40
) -> go.Figure:
    """Draw a table of `transitions`: names from left to right and down, ways onward above them, ways back below.

    The width of a way is its n_transitions; its share of what leaves the name is written on it. Beside each name stands
    how often it was visited, which share of the visits was followed by itself, and which a journey ended after (the
    bar: dropped, or ended without more known). Ways that are not needed for `coverage` of the transitions, or beyond the
    `most` frequent, are not drawn, unless nothing else leads to a name; their sum is told, and what is left of all in a
    pruned table. `order` lists the names; by default they stand as the stages of the workspace do, or else by how far
    from the start they come (the trophic level of a flow, Levine 1980, from networkx).

    >>> table = pd.DataFrame({"from": ["(start)", "cart"], "to": ["cart", "(end)"], "n_transitions": [3, 3],
    ...     "n_people": [3, 3], "probability": [1.0, 1.0], "probability_low": [0.4, 0.4], "probability_high": [1.0, 1.0],
    ...     "median_seconds": [float("nan")] * 2})
    >>> [text.text for text in transitions_figure(table).layout.annotations]
    ['<b>(start)</b><br>n = 3', '<b>cart</b><br>n = 3<br><span style="color:#1C2333">end 100.0%</span>', '']
    """
    table = table[table["n_transitions"] > 0]
    names = ordered_names(table, order)
    places = {name: place for place, name in enumerate(names)}
    drawn, ways = drawn_ways(table, coverage, most)
    told = {name: told_lines(name, table) for name in names}
    figure = go.Figure([*_ways(drawn, places), _nodes(names, table)])
    row = 10 + LINE * max((len(lines) for lines in told.values()), default=1)
    layout = frame("Journeys: onward above, back below", 90 + row * len(names))
    left_out = _left_out(ways, drawn)
    layout["margin"]["t"] += LINE * left_out["text"].count("<br>")
    layout["margin"] |= {"l": BAR + 20 + max((_width(line) for lines in told.values() for line in lines), default=0)}
    figure.update_layout(
        **layout,
        annotations=[*(_text(lines, places[name]) for name, lines in told.items()), left_out],
        shapes=[shape for name in names for shape in _row(name, places[name], table)],
        xaxis={"visible": False, "range": [-0.6, len(names) - 0.4], "fixedrange": True},
        yaxis={"visible": False, "range": [0.4 - len(names), 0.6], "fixedrange": True},
        showlegend=False,
        hovermode="closest",
    )
    return figure


def _width(line: str) -> float:
    """Return the pixels that a line of a text takes at most, in the widest of our fonts; bold letters are wider."""
    return (8.0 if "<b>" in line else 7.0) * len(unescape(re.sub("<[^>]*>", "", line)))


def _ways(drawn: pd.DataFrame, places: dict[str, int]) -> list[go.Scatter]:
    """Return the ways, the most frequent on top, then their heads, then their shares, which nothing covers."""
    if drawn.empty:
        return []
    most = drawn["n_transitions"].max()
    ways = [_way(way, places, max(1.0, WIDEST * way["n_transitions"] / most)) for way in drawn.to_dict("records")]
    lines, heads, shares = zip(*ways, strict=True)
    marks = [_marks(heads), _marks(shares)]
    marks[0].update(mode="markers", marker={key: [head[key] for head in heads] for key in HEAD} | {"opacity": 1})
    marks[1].update(
        mode="text", text=[share["text"] for share in shares], textfont={"size": 10, "color": INK, "shadow": HALO}
    )
    return [*lines[::-1], *marks]


def _marks(points: Sequence[dict[str, Any]]) -> go.Scatter:
    found = {key: [point[key] for point in points] for key in ("x", "y", "hovertext")}
    return go.Scatter(**found, hoverinfo="text")


def _way(
    way: dict[Any, Any], places: dict[str, int], width: float
) -> tuple[go.Scatter, dict[str, Any], dict[str, Any]]:
    """Return a way, its head and its share: a curve that leaves its source sideways and comes to its target upright."""
    start, end = places[way["from"]], places[way["to"]]
    is_onward = start < end
    along = np.linspace(0, 1, 61)
    x = start + (end - start) * (1 - (1 - along) ** 2)
    y = -start - (end - start - (0.25 if is_onward else -0.25)) * along**2
    colour = PALETTE[0] if is_onward else PALETTE[1]
    hover = _hover(way)
    line = {"color": colour, "width": width, "simplify": False}
    curve = go.Scatter(x=x, y=y, mode="lines", line=line, opacity=0.55, hovertext=hover, hoverinfo="text")
    symbol = "triangle-down" if is_onward else "triangle-up"
    head = {"x": x[-1], "y": y[-1], "hovertext": hover, "symbol": symbol, "size": 8 + width / 3, "color": colour}
    return curve, head, {"x": x[30], "y": y[30], "hovertext": hover, "text": f"{way['probability']:.0%}"}


def _hover(way: dict[Any, Any]) -> str:
    source, target = label(way["from"]), label(way["to"])
    return (
        f"<b>{source} → {target}</b><br>n = {way['n_transitions']:,} · {way['n_people']:,} people<br>"
        f"{percent(way['probability'])} of what leaves {source} {interval(way['probability_low'], way['probability_high'])}<br>"
        f"median {span(way['median_seconds'])}"
    )


def _nodes(names: Sequence[str], table: pd.DataFrame) -> go.Scatter:
    visits = np.array([n_visits(name, table) for name in names], dtype=float)
    return go.Scatter(
        x=list(range(len(names))),
        y=[-place for place in range(len(names))],
        mode="markers",
        marker={
            "size": 8 + 14 * np.sqrt(visits / max(visits, default=1)),
            "color": [GREY if name == "(start)" else INK for name in names],
            "line": {"color": PAPER, "width": 2},
        },
        hovertext=[_ended(name, table) for name in names],
        hoverinfo="text",
    )


def _ended(name: str, table: pd.DataFrame) -> str:
    """Return what a touch of a name tells: its visits, and after how many of them journeys ended, with the interval."""
    ends = table[(table["from"] == name) & table["to"].isin(ENDS)].to_dict("records")
    told = [
        f"{end['to']} {end['n_transitions']:,}: {percent(end['probability'])} "
        f"{interval(end['probability_low'], end['probability_high'])}"
        for end in ends
    ]
    return "<br>".join([f"<b>{label(name)}</b>", f"n = {n_visits(name, table):,}", *told])


def _text(lines: Sequence[str], place: int) -> dict[str, Any]:
    at = {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -BAR - 8, "y": -place}
    return at | {"text": "<br>".join(lines), "align": "right", "showarrow": False, "font": {"size": 11}}


def _row(name: str, place: int, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a faint line along a row, and a bar as long as the share of its visits that ended without success."""
    ended = table[(table["from"] == name) & table["to"].isin(("(dropped)", "(end)"))]
    end, share = next(zip(ended["to"], ended["probability"], strict=True), ("(end)", 0.0))
    line = {"type": "line", "x0": -0.6, "x1": place, "y0": -place, "y1": -place, "line": {"color": GRID, "width": 1}}
    bar = {"type": "rect", "xref": "paper", "xsizemode": "pixel", "xanchor": 0, "x0": -BAR, "x1": BAR * (share - 1)}
    height = {"y0": -place - 0.12, "y1": -place + 0.12, "fillcolor": END_COLOURS.get(end, GREY), "line": {"width": 0}}
    return [line | {"layer": "below"}, bar | height]


def _left_out(ways: pd.DataFrame, drawn: pd.DataFrame) -> dict[str, Any]:
    """Return what is told of the ways that are not drawn, and of those that are not in the table."""
    share = 1 - drawn["n_transitions"].sum() / max(1, ways["n_transitions"].sum())
    n_folded = len(ways) - len(drawn)
    coverage = ways.attrs.get("coverage")
    of_all = "of all" if coverage is None else "of these"
    told = [] if coverage is None else [f"pruned: {percent(coverage)} of all transitions are left"]
    if n_folded:
        told.append(f"not drawn: {n_folded} of {len(ways)} ways, the rarer, {percent(share)} {of_all}")
    place = {"x": 1, "xref": "paper", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 2}
    place |= {"align": "right", "showarrow": False, "font": {"size": 11, "color": GREY}}
    return place | {"text": "<br>".join(told)}
