"""Drivers of conversion as a forest plot."""

from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figures import GREY, GRID, INK, PALETTE, frame, label

TICKS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
MOST_ROWS = 20
"""The surest of the table; more cannot be read."""


def conversion_drivers_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `conversion_drivers`: odds ratios on a log scale; filled where the corrected p-value is below 5 %.

    >>> table = pd.DataFrame({"name": ["help"], "n_converted_with": [6], "n_converted_without": [2], "n_lost_with": [3],
    ...     "n_lost_without": [9], "odds_ratio": [9.0], "low": [1.1], "high": [71.0], "p_value": [0.04], "p_adjusted": [0.04]})
    >>> conversion_drivers_figure(table).layout.annotations[0].text
    '<b>help</b>  9.00 (1.10 to 71.00), n 9'
    """
    rows = table.head(MOST_ROWS).sort_values("odds_ratio", ascending=False).to_dict("records")
    places = [str(place) for place in range(len(rows))]
    colours = [PALETTE[0] if row["p_adjusted"] < 0.05 else GREY for row in rows]
    figure = Figure()
    for place, row, colour in zip(places, rows, colours, strict=True):
        figure.add_scatter(
            x=[row["low"], row["high"]], y=[place, place], mode="lines", line={"color": colour}, hoverinfo="skip"
        )
        figure.add_annotation(
            text=_words(row),
            **{"x": 0, "xref": "paper", "xanchor": "left", "y": place, "yanchor": "bottom", "yshift": 5},
            showarrow=False,
            font={"color": INK},
        )
    figure.add_scatter(
        x=[row["odds_ratio"] for row in rows],
        y=places,
        mode="markers",
        marker={
            "color": colours,
            "size": 10,
            "symbol": ["circle" if row["p_adjusted"] < 0.05 else "circle-open" for row in rows],
        },
        hovertext=[_hover(row) for row in rows],
        hoverinfo="text",
    )
    figure.add_vline(x=1, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_layout(**frame("Odds of converting, with it to without", 110 + 46 * len(rows)), showlegend=False)
    title = "odds ratio, 95 % (filled: p < 5 %, corrected)"
    figure.update_xaxes(type="log", title=title, gridcolor=GRID, automargin=True, tickvals=TICKS)
    figure.update_yaxes(visible=False, type="category", range=[len(rows) - 0.4, -0.9])
    return figure


def _words(row: dict[Any, Any]) -> str:
    n = row["n_converted_with"] + row["n_lost_with"]
    ratio, low, high = (_times(row[column]) for column in ("odds_ratio", "low", "high"))
    return f"<b>{label(row['name'])}</b>  {ratio} ({low} to {high}), n {n:,}"


def _times(ratio: float) -> str:
    """Return a ratio in few letters, also a huge one that rests on next to nothing."""
    return f"{ratio:.2f}" if ratio < 1000 else f"{ratio:.0e}"


def _hover(row: dict[Any, Any]) -> str:
    with_it, without = (
        f"{row[f'n_converted_{words}']:,} of {row[f'n_converted_{words}'] + row[f'n_lost_{words}']:,} converted"
        for words in ("with", "without")
    )
    return "<br>".join(
        [
            f"<b>{label(row['name'])}</b>",
            f"with it {with_it}",
            f"without {without}",
            f"p {row['p_value']:.3g}, corrected {row['p_adjusted']:.3g}",
        ]
    )
