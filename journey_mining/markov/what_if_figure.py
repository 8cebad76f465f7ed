"""Success now and after a change, drawn."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GRID, INK, PALETTE, PAPER, frame, headings, interval, interval_bars, label, percent


def what_if_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `what_if`: per change, the share that succeeds now and then, each with its interval.

    >>> table = pd.DataFrame({"from": ["cart"], "to": ["(end)"], "probability_now": [0.5], "probability_then": [0.2],
    ...     "n_journeys": [100], "success_now": [0.5], "now_low": [0.4], "now_high": [0.6], "success_then": [0.8],
    ...     "then_low": [0.7], "then_high": [0.9], "difference": [0.3], "more_successes": [30.0], "more_low": [20.0],
    ...     "more_high": [40.0]})
    >>> what_if_figure(table).layout.annotations[0].text
    '<b>cart → (end)</b>  50.0% becomes 20.0%<br>50.0% → 80.0% succeed: +30 (+20 to +40) of 100'
    """
    rows = table.to_dict("records")
    texts = [_heading(row) for row in rows]
    figure = go.Figure()
    for when, colour, ink, offset in (("now", "#C5CAD3", INK, -0.14), ("then", PALETTE[0], PAPER, 0.14)):
        figure.add_bar(
            x=table[f"success_{when}"],
            y=[place + offset for place in range(len(table))],
            orientation="h",
            width=0.24,
            name=when,
            marker_color=colour,
            text=[f"{when} {percent(value)}" for value in table[f"success_{when}"]],
            textposition="inside",
            insidetextanchor="start",
            insidetextfont={"color": ink},
            error_x=interval_bars(table[f"success_{when}"], table[f"{when}_low"], table[f"{when}_high"]),
            hovertext=[_hover(row, when) for row in rows],
            hoverinfo="text",
        )
    figure.update_layout(
        **frame("What a change would do to success", 96 + 100 * len(table)),
        barmode="overlay",
        annotations=headings(texts, 42),
        xaxis={"rangemode": "tozero", "tickformat": ".0%", "gridcolor": GRID, "automargin": True},
        yaxis={"visible": False, "range": [len(table) - 0.5, -0.85]},
        showlegend=False,
    )
    return figure


def _heading(row: dict[Any, Any]) -> str:
    if row["probability_now"] == row["probability_now"]:
        change = f"{percent(row['probability_now'])} becomes {percent(row['probability_then'])}"
        first = f"<b>{label(row['from'])} → {label(row['to'])}</b>  {change}"
    else:
        first = "<b>all changes together</b>"
    low, high = row["more_low"], row["more_high"]
    limits = f"({low:+,.0f} to {high:+,.0f})" if low == low else "(interval unknown)"
    return (
        f"{first}<br>{percent(row['success_now'])} → {percent(row['success_then'])} succeed: "
        f"{row['more_successes']:+,.0f} {limits} of {row['n_journeys']:,}"
    )


def _hover(row: dict[Any, Any], when: str) -> str:
    limits = interval(row[f"{when}_low"], row[f"{when}_high"])
    return f"{when}: {percent(row[f'success_{when}'])} succeed {limits}, n = {row['n_journeys']:,}"
