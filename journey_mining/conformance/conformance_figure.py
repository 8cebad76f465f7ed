"""A designed path and what became of it, drawn stage by stage."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figures import GREY, GRID, INK, PALETTE, PAPER, frame, headings, interval, label, percent, span

PARTS = (
    ("visited", PALETTE[0], PAPER),
    ("skipped", "#F3C878", INK),
    ("left out", "#C5CAD3", INK),
    ("not reached", GRID, INK),
)
"""What became of a stage, its colour, and that of words on it. A required stage is skipped, an optional one left out."""


def conformance_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `conformance`: the design from top to bottom, and the journeys that came, skipped, or ended before.

    >>> table = pd.DataFrame({"position": [1], "stage": ["cart"], "is_optional": [False], "is_repeatable": [True],
    ...     "within_seconds": [float("nan")], "n_journeys": [10], "n_visited": [6], "visited_share": [0.6], "visited_low": [0.3],
    ...     "visited_high": [0.8], "n_skipped": [1], "skipped_share": [0.1], "skipped_low": [0.0], "skipped_high": [0.4],
    ...     "n_passed": [7], "out_of_order_share": [0.2], "n_timed": [0], "late_share": [float("nan")],
    ...     "median_seconds": [float("nan")]})
    >>> conformance_figure(table).layout.annotations[0].text
    '<b>1 cart</b>  required, repeatable<br>60.0% visit (30.0% to 80.0%)<br>20.0% out of order'
    """
    rows = table.to_dict("records")
    counts = pd.DataFrame(
        {
            "visited": table["n_visited"],
            "skipped": table["n_skipped"].where(~table["is_optional"].astype(bool), 0),
            "left out": table["n_skipped"].where(table["is_optional"].astype(bool), 0),
            "not reached": table["n_journeys"] - table["n_visited"] - table["n_skipped"],
        }
    )
    shares = counts.div(table["n_journeys"], axis=0)
    figure = go.Figure()
    for part, colour, ink in PARTS:
        figure.add_bar(
            x=shares[part],
            y=list(range(len(table))),
            orientation="h",
            width=0.26,
            name=part,
            marker={"color": colour, "line": {"color": PAPER, "width": 1}},
            text=[f"{part} {n:,}" if share > 0.16 else "" for n, share in zip(counts[part], shares[part], strict=True)],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"color": ink},
            textangle=0,
            hovertext=[_hover(row, part, n) for row, n in zip(rows, counts[part], strict=True)],
            hoverinfo="text",
        )
    n_journeys = int(table["n_journeys"].max())
    figure.update_layout(
        **frame(f"Designed path and journeys (n = {n_journeys:,})", 140 + 100 * len(table)),
        barmode="stack",
        annotations=headings([_heading(row, str(row[table.columns[1]])) for row in rows], 44),
        xaxis={"range": [0, 1], "tickformat": ".0%", "gridcolor": GRID, "automargin": True},
        yaxis={"visible": False, "range": [len(table) - 0.5, -0.85]},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "yref": "paper", "font": {"color": GREY}},
    )
    figure.update_layout(legend_y=-0.3 / max(len(table), 2), margin_b=60)
    return figure


def _heading(row: dict[Any, Any], name: str) -> str:
    marks = ["optional" if row["is_optional"] else "required"]
    marks += ["repeatable"] * bool(row["is_repeatable"])
    marks += [f"within {span(row['within_seconds'])}"] * (row["within_seconds"] == row["within_seconds"])
    visited = f"{percent(row['visited_share'])} visit {interval(row['visited_low'], row['visited_high'])}"
    facts = [f"{percent(row['out_of_order_share'])} out of order"]
    facts += [f"{percent(row['late_share'])} late"] * (row["late_share"] == row["late_share"])
    facts += [f"median {span(row['median_seconds'])}"] * (row["median_seconds"] == row["median_seconds"])
    return f"<b>{row['position']} {label(name)}</b>  {', '.join(marks)}<br>{visited}<br>{' · '.join(facts)}"


def _hover(row: dict[Any, Any], part: str, n: int) -> str:
    text = f"{part}: {n:,} of {row['n_journeys']:,} journeys"
    if part in ("skipped", "left out") and row["n_passed"]:
        limits = interval(row["skipped_low"], row["skipped_high"])
        text += f"<br>{percent(row['skipped_share'])} {limits} of the {row['n_passed']:,} that came this far"
    return text
