"""Figures that are a list: words over each row, under them a value with its interval. Whole at any width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from journey_mining.figures import END_COLOURS, GREY, GRID, INK, PALETTE, frame, interval_bars, nothing, wrapped

MOST = 30
"""Rows more than this are hard to read: the first of the table are drawn."""
LINE, MARK, BETWEEN, GROUP = 17, 18, 14, 16
"""Pixels of a line of words, of a value under it, between two rows, and more of them between two groups."""


@dataclass(frozen=True)
class Row:
    """What a row shows. Its words and those of its group are HTML, with names from data escaped; a missing limit is NaN."""

    words: str
    value: float
    low: float
    high: float
    hover: str
    group: str = ""
    colour: str = PALETTE[0]
    is_sure: bool = True


def bold(name: object) -> str:
    """Return a name from data in bold, on lines that a narrow phone shows whole.

    >>> bold("<all>")
    '<b>&lt;all&gt;</b>'
    """
    return f"<b>{wrapped(name)}</b>"


def end_colour(name: str) -> str:
    """Return the colour of a name, or end of journeys, among others that are told apart by their words."""
    return END_COLOURS.get(name, GREY) if name.startswith("(") else PALETTE[0]


def bars(title: str, rows: Sequence[Row], **axis: Any) -> go.Figure:
    """Draw shares as bars from 0, each with its interval."""
    return _drawn(title, rows, {"tickformat": ".0%", "rangemode": "tozero"} | axis, is_bar=True)


def marks(title: str, rows: Sequence[Row], **axis: Any) -> go.Figure:
    """Draw values as marks with their limits; what may be chance is hollow and grey."""
    return _drawn(title, rows, axis, is_bar=False)


def _drawn(title: str, rows: Sequence[Row], axis: dict[str, Any], is_bar: bool) -> go.Figure:
    if not rows:
        return nothing(f"{title}: there is nothing to draw")
    drawn = rows[:MOST]
    rest = f" (the first {len(drawn)} of {len(rows)})" if len(rows) > len(drawn) else ""
    notes, places, height = _laid_out(drawn)
    value, low, high = (np.array([getattr(row, part) for row in drawn], float) for part in ("value", "low", "high"))
    low, high = np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high)
    colours = [row.colour if row.is_sure else GREY for row in drawn]
    shared = {"x": value, "y": places, "error_x": interval_bars(value, low, high)}
    shared |= {"hovertext": [row.hover for row in drawn], "hoverinfo": "text"}
    symbols = ["circle" if row.is_sure else "circle-open" for row in drawn]
    mark = {"size": 10, "symbol": symbols, "color": colours, "line": {"color": colours, "width": 2}}
    bar = go.Bar(**shared, orientation="h", width=12, marker_color=colours)
    figure = go.Figure(bar if is_bar else go.Scatter(**shared, mode="markers", marker=mark))
    layout = frame(title + rest, 0)
    above = 34 + 20 * (1 + layout["title"]["text"].count("<br>"))
    layout |= {"height": above + height + 30, "margin": {"l": 12, "r": 16, "t": above, "b": 30}}
    figure.update_layout(**layout, annotations=notes, showlegend=False, hovermode="closest")
    figure.update_xaxes(**{"gridcolor": GRID, "zeroline": False, "nticks": 6, "tickangle": 0} | axis)
    # A unit of the axis is a pixel, so that rows may have any number of lines.
    figure.update_yaxes(visible=False, range=[height, 0])
    return figure


def _laid_out(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[float], int]:
    """Return the words of rows as annotations, where their values stand, and the height of all, in pixels."""
    notes: list[dict[str, Any]] = []
    places: list[float] = []
    at, group = 0, ""
    here = {"x": 0, "xref": "paper", "xanchor": "left", "yanchor": "top", "align": "left", "showarrow": False}
    here |= {"bgcolor": "rgba(255,255,255,0.8)", "borderpad": 0}
    for row in rows:
        if row.group != group:
            group, at = row.group, at + (GROUP if places else 0)
            notes.append(here | {"text": group, "y": at, "font": {"size": 13, "color": INK}})
            at += LINE * (1 + group.count("<br>")) + 6
        notes.append(here | {"text": row.words, "y": at})
        at += LINE * (1 + row.words.count("<br>"))
        places.append(at + MARK / 2)
        at += MARK + BETWEEN
    return notes, places, at
