"""What each rule of attribution gives the channels, drawn side by side."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GRID, colours, frame, headings, interval, interval_bars, label, percent
from journey_mining.markov.attribution import UNATTRIBUTED


def attribution_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `attribution`: under each channel one bar per rule, the share of the successes and its interval.

    >>> table = pd.DataFrame({"rule": ["first"], "channel": ["mail"], "credit": [3.0], "share": [0.25],
    ...     "share_low": [0.1], "share_high": [0.5]})
    >>> [annotation.text for annotation in attribution_figure(table).layout.annotations]
    ['<b>mail</b>', 'first  25.0%  (3.0 successes)']
    """
    of = table.columns[1]
    colour = colours(list(dict.fromkeys(table["rule"])))
    names = sorted(dict.fromkeys(table[of]), key=lambda name: name == UNATTRIBUTED)
    rows, heads, y = [], [], 0
    for name in names:
        heads.append(y)
        for row in table[table[of] == name].to_dict("records"):
            y += 1
            rows.append(row | {"y": y})
        y += 1
    bars = pd.DataFrame(rows)
    texts = [f"{row['rule']}  {percent(row['share'])}  ({row['credit']:,.1f} successes)" for row in rows]
    figure = go.Figure(
        go.Bar(
            x=bars["share"],
            y=bars["y"],
            orientation="h",
            width=0.36,
            marker_color=[colour[rule] for rule in bars["rule"]],
            error_x=interval_bars(bars["share"], bars["share_low"], bars["share_high"]),
            hovertext=[_hover(row, of) for row in rows],
            hoverinfo="text",
        )
    )
    figure.update_layout(
        **frame("Successes given to each, by rule", 110 + 38 * y),
        annotations=[
            *headings([f"<b>{label(name)}</b>" for name in names], -6, heads),
            *headings(texts, 14, bars["y"].tolist()),
        ],
        xaxis={"rangemode": "tozero", "tickformat": ".0%", "gridcolor": GRID, "automargin": True},
        yaxis={"visible": False, "range": [y - 0.5, -0.4]},
        showlegend=False,
    )
    return figure


def _hover(row: dict[Any, Any], of: str) -> str:
    limits = interval(row["share_low"], row["share_high"])
    return f"{label(row[of])}, {row['rule']}: {percent(row['share'])} {limits} of the successes"
