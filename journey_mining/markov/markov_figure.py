"""Where journeys lead from each stage, drawn."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GREY, GRID, PALETTE, frame, headings, interval, interval_bars, label, percent, span


def markov_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `markov`: P(success) from each stage with its interval, and what is still to come.

    >>> table = pd.DataFrame({"stage": ["(start)"], "n_visits": [10], "n_journeys": [10], "success_probability": [0.2],
    ...     "success_low": [0.1], "success_high": [0.4], "expected_visits": [3.0], "expected_seconds": [5400.0]})
    >>> markov_figure(table).layout.annotations[0].text
    '<b>(start)</b>  20.0% succeed (10.0% to 40.0%)<br>3.0 more visits, 1.5 h to go · n = 10'
    """
    names = table.columns[0]
    table = table[table["n_visits"] > 0]  # where only open journeys came nothing is known yet
    texts = [_heading(str(row[names]), row) for row in table.to_dict("records")]
    figure = go.Figure(
        go.Bar(
            x=table["success_probability"],
            y=list(range(len(table))),
            orientation="h",
            width=0.34,
            marker_color=[GREY if name == "(start)" else PALETTE[0] for name in table[names]],
            error_x=interval_bars(table["success_probability"], table["success_low"], table["success_high"]),
            hovertext=texts,
            hoverinfo="text",
        )
    )
    figure.update_layout(
        **frame("How likely a journey is to succeed from here", 96 + 76 * len(table)),
        annotations=headings(texts, 28),
        xaxis={"range": [0, 1], "tickformat": ".0%", "gridcolor": GRID, "automargin": True},
        yaxis={"visible": False, "range": [len(table) - 0.5, -0.85]},
        showlegend=False,
    )
    return figure


def _heading(name: str, row: dict[Any, Any]) -> str:
    return (
        f"<b>{label(name)}</b>  {percent(row['success_probability'])} succeed {interval(row['success_low'], row['success_high'])}<br>"
        f"{row['expected_visits']:.1f} more visits, {span(row['expected_seconds'])} to go · n = {row['n_visits']:,}"
    )
