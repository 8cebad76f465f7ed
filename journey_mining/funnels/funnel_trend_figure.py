"""A funnel's rate by day of entry, with its intervals, and which days are not over."""

from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figures import GREY, GRID, PALETTE, PAPER, frame, interval, percent


def funnel_trend_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `funnel_trend`: unfinished days are hollow, unconnected and out of the dashed average.

    >>> from journey_mining import funnel_trend
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> figure = funnel_trend_figure(funnel_trend(steps, ["cart", "pay"], "1h", as_of="2024-05-03"))
    >>> [(part.name, [float(share) for share in part.y]) for part in figure.data[:2]]
    [('finished day', [0.5]), ('unfinished day', [])]
    """
    figure = Figure()
    for is_finished, name, colour in ((True, "finished day", PALETTE[0]), (False, "unfinished day", GREY)):
        rows = table[(table["is_finished"] == is_finished) & (table["n_entries"] > 0)]
        figure.add_scatter(
            x=rows["entered_on"],
            y=rows["conversion_rate"],
            mode="lines+markers" if is_finished else "markers",
            name=name,
            line={"color": colour, "width": 2},
            marker={"color": colour if is_finished else PAPER, "size": 8, "line": {"color": colour, "width": 2}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": rows["conversion_high"] - rows["conversion_rate"],
                "arrayminus": rows["conversion_rate"] - rows["conversion_low"],
                "color": colour,
                "thickness": 1,
                "width": 2,
            },
            hovertext=[_hover(row) for row in rows.to_dict("records")],
            hoverinfo="text",
        )
    average = table["average_rate"].iloc[0] if len(table) else None
    title = "Conversion by day of entry (bars: 95 %)"
    if pd.notna(average):
        title += f"<br>finished days together, dashed: {percent(average)}"
        figure.add_hline(y=average, line={"dash": "dash", "color": GREY, "width": 1})
    legend = {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top"}
    figure.update_layout(**frame("", 420) | {"title_text": title, "margin_t": 72}, legend=legend)
    figure.update_xaxes(gridcolor=GRID, automargin=True, type="date")
    figure.update_yaxes(tickformat=".0%", gridcolor=GRID, rangemode="tozero", automargin=True)
    return figure


def _hover(row: dict[Any, Any]) -> str:
    lines = [
        f"<b>{pd.Timestamp(row['entered_on']):%Y-%m-%d}</b>",
        f"{row['n_converted']:,} of {row['n_entries']:,}: {percent(row['conversion_rate'])} "
        + interval(row["conversion_low"], row["conversion_high"]),
    ]
    if row["n_open"]:
        lines.append(f"{row['n_open']:,} more are too young to tell")
    return "<br>".join(lines)
