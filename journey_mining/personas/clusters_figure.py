"""Personas, drawn: how large each is, and what sets it apart."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from plotly.graph_objects import Bar, Figure
from plotly.subplots import make_subplots

from journey_mining.errors import require_columns
from journey_mining.figures import GRID, INK, PALETTE, frame, interval, label, percent, wrapped

MOST_WORDS = 5
"""Features drawn of each persona, those that set it apart most."""
ROW, BETWEEN, ABOVE, BELOW = 32, 84, 136, 56


def clusters_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `clusters`: a part per persona with its size, and its largest differences from all others.

    >>> table = pd.DataFrame({"persona": ["more buy", "more read"], "n_units": [6, 4], "share": [0.6, 0.4], "low": [0.3, 0.2],
    ...     "high": [0.8, 0.7], "stability": 1.0, "moved_share": float("nan"), "words": ["more buy", "more read"],
    ...     "kind": "name", "mean": [0.9, 0.8], "mean_of_others": [0.1, 0.2], "difference": [1.5, 1.5]})
    >>> [note.text for note in clusters_figure(table).layout.annotations]
    ['<b>more buy</b><br>60.0% (30.0% to 80.0%), n = 6', '<b>more read</b><br>40.0% (20.0% to 70.0%), n = 4']
    """
    require_columns("table", ("persona", "share", "stability", "moved_share", "words", "difference"), table.columns)
    personas = table.drop_duplicates("persona")
    tops = {name: rows.head(MOST_WORDS) for name, rows in table.groupby("persona", sort=False)}
    plot = ROW * sum(map(len, tops.values())) + BETWEEN * (len(tops) - 1)
    figure = make_subplots(
        len(tops),
        1,
        shared_xaxes=True,
        row_heights=[len(rows) for rows in tops.values()],
        vertical_spacing=BETWEEN / plot if len(tops) > 1 else 0,
        subplot_titles=[_heading(row) for row in personas.to_dict("records")],
    )
    for place, rows in enumerate(tops.values(), start=1):
        figure.add_trace(_bars(rows), place, 1)
    stability = float(personas["stability"].iloc[0])
    told = f"{len(tops)} personas, stability {stability:.2f}"
    figure.update_layout(frame(told, plot + ABOVE + BELOW), showlegend=False, bargap=0.25)
    figure.update_layout(margin={"t": ABOVE, "b": BELOW, "l": 8, "r": 8})
    figure.update_annotations(x=0, xref="paper", xanchor="left", align="left", yshift=6, font={"size": 12})
    largest = 1.4 * float(table["difference"].abs().max())
    figure.update_xaxes(range=[-largest, largest], gridcolor=GRID, zerolinecolor=INK, showticklabels=False)
    figure.update_xaxes(title="standard deviations", showticklabels=True, row=len(tops), col=1)
    figure.update_yaxes(autorange="reversed", automargin=True, ticks="", type="category")
    return figure


def _bars(rows: pd.DataFrame) -> Bar:
    return Bar(
        x=rows["difference"],
        y=[_folded(words) for words in rows["words"]],
        orientation="h",
        marker={"color": [PALETTE[0] if difference > 0 else PALETTE[1] for difference in rows["difference"]]},
        text=[f"{difference:+.1f}" for difference in rows["difference"]],
        textposition="outside",
        cliponaxis=False,
        customdata=[_means(*row) for row in rows[["kind", "mean", "mean_of_others"]].itertuples(index=False)],
        hovertemplate="<b>%{y}</b><br>%{customdata}<br>%{x:+.2f} standard deviations<extra></extra>",
    )


def _means(kind: str, mean: float, others: float) -> str:
    if kind == "amount":
        return f"mean of ln(1 + x): {mean:.2f}, of all others {others:.2f}"
    return f"mean share {percent(mean)}, of all others {percent(others)}"


def _heading(row: Mapping[Hashable, Any]) -> str:
    moved = "" if pd.isna(row["moved_share"]) else f"<br>{percent(row['moved_share'])} moved here"
    name = wrapped(row["persona"], 26)
    return (
        f"<b>{name}</b><br>{percent(row['share'])} {interval(row['low'], row['high'])}, n = {row['n_units']:,}{moved}"
    )


def _folded(words: str) -> str:
    """Return words on two lines where they are long."""
    return label(words).replace(" → ", " →<br>") if len(words) > 20 else label(words)
