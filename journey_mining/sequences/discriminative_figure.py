"""What sets won journeys apart from lost ones, as a forest plot."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GREY, GRID, INK, PALETTE, frame, headings, interval_bars, label, percent

MOST = 20
"""Sequences drawn, the surest first."""


def discriminative_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `discriminative_sequences`: how many more of those with a sequence are won, with the interval.

    What may be chance (p_adjusted of 0.05 or more) is hollow and grey; what has no interval is not drawn.

    >>> table = pd.DataFrame({"sequence": [["home", "cart"]], "n_a": [10], "rate_a": [0.5], "n_b": [20], "rate_b": [0.1],
    ...     "difference": [0.4], "difference_low": [0.2], "difference_high": [0.6], "p_adjusted": [0.001]})
    >>> discriminative_figure(table).layout.annotations[0].text
    '<b>home → cart</b><br>50.0% of 10 with it, 10.0% of 20 without'
    """
    told = table.dropna(subset=["difference_low"]).head(MOST)
    texts = [
        f"<b>{' → '.join(map(label, row['sequence']))}</b><br>"
        f"{percent(row['rate_a'])} of {row['n_a']:,} with it, {percent(row['rate_b'])} of {row['n_b']:,} without"
        for _, row in told.iterrows()
    ]
    is_sure = told["p_adjusted"] < 0.05
    marks = go.Scatter(
        x=told["difference"],
        y=list(range(len(told))),
        mode="markers",
        marker={
            "size": 10,
            "symbol": ["circle" if sure else "circle-open" for sure in is_sure],
            "color": [PALETTE[0] if sure else GREY for sure in is_sure],
        },
        error_x=interval_bars(told["difference"], told["difference_low"], told["difference_high"]),
        hovertext=[f"{text}<br>p = {p:.2g}, corrected" for text, p in zip(texts, told["p_adjusted"], strict=True)],
        hoverinfo="text",
    )
    figure = go.Figure(marks)
    figure.add_vline(x=0, line={"color": INK, "width": 1}, layer="below")
    figure.update_layout(
        **frame("How many more are won with it than without", 96 + 64 * max(1, len(told))),
        xaxis={"tickformat": "+.0%", "gridcolor": GRID, "zeroline": False},
        yaxis={"visible": False, "range": [len(told) - 0.5, -0.85]},
        showlegend=False,
    )
    figure.update_layout(annotations=[text | {"bgcolor": "rgba(255,255,255,0.8)"} for text in headings(texts, 24)])
    return figure
