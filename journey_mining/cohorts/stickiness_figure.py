"""Stickiness, drawn: a bar per number of days."""

import pandas as pd
from plotly.graph_objects import Bar, Figure

from journey_mining.errors import require_columns
from journey_mining.figures import GRID, INK, PALETTE, frame, interval, percent


def stickiness_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `stickiness`: all whole periods together, or the latest where none is whole; with 95 % intervals.

    >>> import journey_mining as jm
    >>> days = pd.DataFrame({"who": ["ann", "ann", "bob"], "what": "visit",
    ...                      "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"])})
    >>> log = jm.from_pandas(days, person="who", event="what", time="at")
    >>> [float(share) for share in stickiness_figure(log.stickiness("week").table).data[0].y]
    [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    require_columns("table", ("period", "n_days", "n_people", "n_active", "share", "low", "high"), table.columns)
    is_whole = (table["period"] == "(all)").any()
    period = "(all)" if is_whole or table.empty else str(table["period"].max())
    drawn = table[table["period"] == period]
    low, high = drawn["low"].fillna(drawn["share"]), drawn["high"].fillna(drawn["share"])
    is_told = drawn["n_people"] > 0
    texts = [
        f"{percent(share)}<br>{n:,}" if told else ""
        for share, n, told in zip(drawn["share"], drawn["n_people"], is_told, strict=True)
    ]
    figure = Figure(
        Bar(
            x=drawn["n_days"],
            y=drawn["share"],
            marker={"color": PALETTE[0]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (high - drawn["share"]).where(is_told, 0),
                "arrayminus": (drawn["share"] - low).where(is_told, 0),
                "color": INK,
                "thickness": 1.2,
                "width": 3,
            },
            customdata=list(
                zip(drawn["n_people"], drawn["n_active"], map(interval, drawn["low"], drawn["high"]), strict=True)
            ),
            hovertemplate="<b>%{x} days</b><br>%{customdata[0]:,} of %{customdata[1]:,} people: %{y:.1%} "
            "%{customdata[2]}<extra></extra>",
            cliponaxis=False,
        )
    )
    for days, end, text in zip(drawn["n_days"], high, texts, strict=True):
        figure.add_annotation(x=days, y=end, text=text, showarrow=False, yanchor="bottom", yshift=2, font={"size": 11})
    n_active = int(drawn["n_active"].max()) if len(drawn) else 0
    figure.update_layout(frame(f"Days active of {period}, n = {n_active:,}", 380), bargap=0.25)
    figure.update_layout(margin={"t": 64, "l": 8, "r": 8, "b": 48})
    figure.update_xaxes(title="days", dtick=1, showgrid=False, automargin=True)
    figure.update_yaxes(tickformat=".0%", gridcolor=GRID, rangemode="tozero", automargin=True)
    return figure
