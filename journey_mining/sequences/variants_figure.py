"""The most frequent paths drawn, and how much of all journeys they cover."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GREY, GRID, PALETTE, frame, headings, interval, percent, span, wrapped

LINE = 16
"""Pixels of a line of words."""


def variants_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `variants`: a bar per path as long as its share; in words the path, n, coverage, success, time.

    >>> table = pd.DataFrame({"path": [["home", "buy"]], "n_variants": [1], "n_journeys": [3], "share": [1.0],
    ...     "cumulative_share": [1.0], "success_rate": [float("nan")], "median_seconds": [60.0]})
    >>> variants_figure(table).layout.annotations[0].text
    '<b>home → buy</b><br>n = 3 · 100.0% · so far 100.0%<br>median 60 s'
    """
    texts = [_heading(row) for row in table.to_dict("records")]
    row = 32 + LINE * (1 + max((text.count("<br>") for text in texts), default=0))
    is_rest = [list(path) == ["(other)"] for path in table["path"]]
    bars = go.Bar(
        x=table["share"],
        y=list(range(len(table))),
        orientation="h",
        width=0.25,
        marker_color=[GREY if rest else PALETTE[0] for rest in is_rest],
        hovertext=texts,
        hoverinfo="text",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        **frame("The paths journeys took", 96 + row * len(table)),
        annotations=[heading | {"yanchor": "bottom"} for heading in headings(texts, 4 + row // 8)],
        xaxis={"rangemode": "tozero", "tickformat": ".0%", "gridcolor": GRID},
        yaxis={"visible": False, "range": [len(table) - 0.5, -0.85]},
        showlegend=False,
    )
    return figure


def _heading(row: dict[Any, Any]) -> str:
    """Return a path in words; of a long one the beginning and the end."""
    names = [str(name) for name in row["path"]]
    told = names if len(names) <= 8 else [*names[:4], f"… {len(names) - 7} more …", *names[-3:]]
    rate = row["success_rate"]
    won = f"{percent(rate)} succeed {interval(row['success_low'], row['success_high'])} · " if rate == rate else ""
    rest = f"{row['n_variants']:,} other paths" if names == ["(other)"] else wrapped(" → ".join(told))
    return (
        f"<b>{rest}</b><br>n = {row['n_journeys']:,} · {percent(row['share'])} · so far {percent(row['cumulative_share'])}<br>"
        f"{won}median {span(row['median_seconds'])}"
    )
