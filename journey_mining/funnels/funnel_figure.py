"""The funnel drawn: a bar per stage, and hatched behind it who was lost before it."""

from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figures import GRID, INK, PALETTE, frame, interval, label, percent


def funnel_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `funnel`; n, shares and the interval are written above each bar.

    >>> from journey_mining import funnel
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> [note.text for note in funnel_figure(funnel(steps, ["cart", "pay"])).layout.annotations]
    ['<b>1. cart</b>  2<br> ', '<b>2. pay</b>  1<br>50.0% of before (5.5% to 94.5%), 1 lost']
    """
    rows = table.to_dict("records")
    names = [f"stage {row['position']}" for row in rows]
    lost = [row["n_lost"] if row["position"] > 1 else 0 for row in rows]
    hover = {"hovertext": [_hover(row) for row in rows], "hoverinfo": "text", "orientation": "h", "y": names}
    hatched = {"color": GRID, "pattern": {"shape": "/", "fgcolor": "#A9B2C0", "size": 6}}
    figure = Figure()
    figure.add_bar(x=table["n_entries"], marker={"color": PALETTE[0]}, **hover)
    figure.add_bar(x=lost, marker=hatched, **hover)
    for name, row in zip(names, rows, strict=True):
        above = {"x": 0, "xref": "paper", "xanchor": "left", "y": name, "yanchor": "bottom", "yshift": 11}
        figure.add_annotation(text=_words(row), align="left", showarrow=False, font={"color": INK}, **above)
    figure.update_layout(
        **frame("Funnel (hatched: lost before the stage)", 80 + 84 * len(rows)),
        barmode="stack",
        bargap=0.74,
        showlegend=False,
    )
    figure.update_xaxes(visible=False, rangemode="tozero")
    figure.update_yaxes(visible=False, type="category", range=[len(rows) - 0.7, -0.8])
    return figure


def _words(row: dict[Any, Any]) -> str:
    """Return the two lines above a bar: the stage and its n, and those who are open beside it; its share, and the lost."""
    beside = f" + {row['n_open']:,} open" if row["n_open"] else ""
    share = " "
    if pd.notna(row["share_of_previous"]):
        share = (
            f"{percent(row['share_of_previous'])} of before {interval(row['low'], row['high'])}, {row['n_lost']:,} lost"
        )
    return f"<b>{row['position']}. {label(row['stage'])}</b>  {row['n_entries']:,}{beside}<br>{share}"


def _hover(row: dict[Any, Any]) -> str:
    """Return all that is known of a stage."""
    lines = [f"<b>{label(row['stage'])}</b>", f"{row['n_entries']:,} attempts of {row['n_people']:,} people"]
    if pd.notna(row["share_of_first"]):
        lines.append(f"{percent(row['share_of_first'])} of the first stage")
    if pd.notna(row["share_of_previous"]):
        lines.append(f"{percent(row['share_of_previous'])} of the stage before {interval(row['low'], row['high'])}")
        lines.append(f"{row['n_lost']:,} lost before it")
    if pd.notna(row["median_seconds"]):
        lines.append(f"median {row['median_seconds']:,.0f} s from the stage before")
    if row["n_open"]:
        lines.append(f"{row['n_open']:,} more are too young to tell")
    return "<br>".join(lines)
