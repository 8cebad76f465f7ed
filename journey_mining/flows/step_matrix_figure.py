"""Step matrices, drawn: a row per name, a column per step."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from plotly.graph_objects import Figure, Heatmap
from plotly.subplots import make_subplots

from journey_mining.errors import require_columns
from journey_mining.figures import DIVERGING, SEQUENTIAL, frame, interval, label, nothing, percent
from journey_mining.flows.step_matrix import wide

MOST_NAMES = 20
"""Rows more than this are hard to read: what is smaller is drawn as one, with its sum."""
ROW, ABOVE, BETWEEN = 25, 96, 64
"""Pixels: the height of a row, the space above the first part, and between parts."""
BOUNDARIES = ("(start)", "(ended)")
PALE = ((0.0, "#F4F5F7"), (1.0, "#AEB6C4"))
"""For journeys that have not begun or are over: no name of the data has these colours."""


def step_matrix_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `step_matrix`, or the `share_difference` of two: a heat map per part, with the shares written.

    In a difference, in points, * stands where it is more than chance (p_adjusted below 0.05). At most MOST_NAMES names
    have a row of their own; the rest is `(other)`, with the sum.

    >>> from journey_mining import step_matrix
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> figure = step_matrix_figure(step_matrix(steps, max_steps=2))
    >>> list(zip(figure.data[0].y, map(list, figure.data[0].text)))[1:3]
    [('cart', ['', '100', '']), ('pay', ['', '', '50'])]
    """
    require_columns("table", ("part", "step", "name"), table.columns)
    if table.empty or not table["n_journeys" if "n_journeys" in table else "difference"].any():
        return nothing("No journey is mature: there is nothing to draw")
    value = "difference" if "difference" in table else "share"
    parts = {number: _folded(table[table["part"] == number], value) for number in sorted(table["part"].unique())}
    grids = {number: wide(part, value, number) for number, part in parts.items()}
    grids = {number: grid[(grid != 0).any(axis=1)] for number, grid in grids.items()}
    sizes = [ROW * len(grid) for grid in grids.values()]
    plot = sum(sizes) + BETWEEN * (len(sizes) - 1)
    headings = [_heading(parts[number], number) if len(parts) > 1 else "" for number in parts]
    figure = make_subplots(
        len(parts),
        1,
        row_heights=sizes,
        vertical_spacing=BETWEEN / plot if len(parts) > 1 else 0,
        subplot_titles=headings,
    )
    largest = max(float(np.max(grid.abs().to_numpy(), initial=0)) for grid in grids.values())
    for row, (number, grid) in enumerate(grids.items(), start=1):
        is_own = pd.Series(~grid.index.isin(BOUNDARIES), index=grid.index)
        scales = [(grid, DIVERGING)] if value == "difference" else [(grid[is_own], SEQUENTIAL), (grid[~is_own], PALE)]
        for drawn, scale in scales:
            figure.add_trace(_heat(parts[number], drawn.reindex(grid.index), value, scale, largest), row, 1)
        names = [label(name) for name in grid.index]
        figure.update_yaxes(categoryarray=names, range=[len(names) - 0.5, -0.5], automargin=True, row=row, col=1)
    figure.update_yaxes(type="category", categoryorder="array", showgrid=False, ticks="")
    figure.update_xaxes(side="top", dtick=1, showgrid=False, zeroline=False, ticks="", color="#5A6373")
    figure.update_annotations(yshift=24, x=0, xanchor="left", font={"size": 13})
    figure.update_layout(frame(_title(table), plot + ABOVE + 8))
    figure.update_layout(margin={"t": ABOVE, "l": 8, "r": 8, "b": 8})
    return figure


def _folded(part: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return a part whose small names are one; the largest at any step stay."""
    size = part[value].abs().groupby(part["name"]).max().drop([*BOUNDARIES, "(other)"], errors="ignore")
    small = size.sort_values(ascending=False, kind="stable").index[MOST_NAMES:]
    if small.empty:
        return part
    is_small = part["name"].isin([*small, "(other)"])
    counts = [column for column in part if column in (value, "n_journeys", "n_journeys_first", "n_journeys_second")]
    sums = part[is_small].groupby(["part", "step"], as_index=False)[counts].sum().assign(name="(other)")
    return pd.concat([part[~is_small], sums], ignore_index=True)


def _heat(part: pd.DataFrame, grid: pd.DataFrame, value: str, scale: Sequence[Any], largest: float) -> Heatmap:
    rows = part.to_dict("records")
    words = {(row["name"], row["step"]): (_written(row, value), _hover(row, value)) for row in rows}
    is_drawn = grid.notna() & ((grid != 0) | (value == "difference"))
    told = [
        [words.get((name, step), ("", "")) if is_drawn.at[name, step] else ("", "") for step in grid.columns]
        for name in grid.index
    ]
    return Heatmap(
        x=list(grid.columns),
        y=[label(name) for name in grid.index],
        z=grid.astype(object).where(is_drawn, None).to_numpy().tolist(),
        text=[[written for written, _ in row] for row in told],
        customdata=[[hover for _, hover in row] for row in told],
        texttemplate="%{text}",
        textfont={"size": 11},
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=[list(stop) for stop in scale],
        zmin=-largest if value == "difference" else 0,
        zmax=largest,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _written(row: Mapping[Any, Any], value: str) -> str:
    """Return what stands in a cell: percent, or points of it."""
    share = row[value]
    if value == "share":
        return "<1" if 0 < share < 0.005 else f"{100 * share:.0f}" if share > 0 else ""
    mark = "*" if row.get("p_adjusted", 1) < 0.05 else ""
    return f"{100 * share:+.0f}{mark}" if abs(share) >= 0.005 or mark else ""


def _hover(row: Mapping[Any, Any], value: str) -> str:
    """Return what a cell says when pointed at: its share with the interval, and of how many."""
    lines = [f"<b>{label(row['name'])}</b>, step {row['step']}"]
    if value == "difference":
        is_sure = pd.notna(row.get("difference_low"))
        between = f" ({100 * row['difference_low']:+.1f} to {100 * row['difference_high']:+.1f})" if is_sure else ""
        lines.append(f"{100 * row['difference']:+.1f} points{between}")
        lines += [f"{row[f'n_journeys_{which}']:,.0f} journeys in the {which}" for which in ("first", "second")]
        return "<br>".join(lines)
    between = f" {interval(row['share_low'], row['share_high'])}" if "share_low" in row else ""
    lines += [f"{percent(row['share'])}{between}", f"{row['n_journeys']:,.0f} journeys"]
    if pd.notna(row.get("n_people")):
        lines[-1] += f" of {row['n_people']:,.0f} people"
    if row.get("n_open", 0) > 0:
        lines.append(f"and {row['n_open']:,.0f} open journeys, in no share")
    return "<br>".join(lines)


def _title(table: pd.DataFrame) -> str:
    if "difference" in table:
        return "Difference of the shares per step, in points; * more than chance"
    at_one_step = table[(table["part"] == table["part"].min()) & (table["step"] == table["step"].min())]
    n, coverage = int(at_one_step["n_journeys"].sum()), float(at_one_step["coverage"].iloc[0])
    of = "" if coverage == 1 else f", {percent(coverage)} of all"
    return f"Share of {n:,} journeys per step, in %{of}"


def _heading(part: pd.DataFrame, number: int) -> str:
    """Return what a part is seen from."""
    centre = part[part["step"] == 0]["name"]
    return f"Part {number}, from {label(' or '.join(centre.head(3)))}{' ...' if len(centre) > 3 else ''}"
