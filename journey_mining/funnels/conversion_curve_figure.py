"""The share converted by the time since entry, as a step curve with its band."""

from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figures import GRID, PALETTE, frame, interval, percent

UNITS = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def conversion_curve_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `conversion_curve`; the band is the 95 % interval.

    >>> from journey_mining import conversion_curve
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> curve = conversion_curve(steps, ["cart", "pay"], "1h", as_of="2024-05-02")
    >>> [float(share) for share in conversion_curve_figure(curve).data[2].y]
    [0.0, 0.5]
    """
    longest = table["seconds"].max() if len(table) else 0
    unit, size = next(((unit, size) for unit, size in UNITS if longest >= 2 * size), UNITS[-1])
    start = pd.DataFrame({"seconds": [0.0], "n_at_risk": [None], "converted_share": [0.0], "low": [0.0], "high": [0.0]})
    curve = pd.concat([start, table]) if len(table) else start
    times = curve["seconds"] / size
    band = {"x": times, "mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip"}
    figure = Figure()
    figure.add_scatter(y=curve["low"], **band)
    figure.add_scatter(y=curve["high"], fill="tonexty", fillcolor="rgba(0, 114, 178, 0.18)", **band)
    figure.add_scatter(
        x=times,
        y=curve["converted_share"],
        mode="lines",
        line={"color": PALETTE[0], "width": 2, "shape": "hv"},
        hovertext=[_hover(row, unit, size) for row in curve.to_dict("records")],
        hoverinfo="text",
    )
    if len(table):
        last = table.iloc[-1]
        words = f"{percent(last['converted_share'])} by {last['seconds'] / size:,.1f} {unit}"
        figure.add_annotation(
            x=times.iloc[-1], y=last["converted_share"], text=words, xanchor="right", yanchor="bottom", showarrow=False
        )
    figure.update_layout(**frame("Converted by time since entry (band: 95 %)", 420), showlegend=False)
    figure.update_xaxes(title=f"{unit} since entry", gridcolor=GRID, rangemode="tozero", automargin=True)
    figure.update_yaxes(tickformat=".0%", gridcolor=GRID, rangemode="tozero", automargin=True)
    return figure


def _hover(row: dict[Any, Any], unit: str, size: int) -> str:
    share = f"<b>{percent(row['converted_share'])}</b> {interval(row['low'], row['high'])}"
    lines = [f"{share} by {row['seconds'] / size:,.2f} {unit}"]
    if pd.notna(row["n_at_risk"]):
        lines.append(f"{int(row['n_at_risk']):,} not yet converted before")
    return "<br>".join(lines)
