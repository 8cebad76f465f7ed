"""A comparison, drawn: a forest plot of the differences, the surest first."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure, Scatter

from journey_mining.errors import require_columns
from journey_mining.figures import GREY, GRID, INK, PALETTE, frame, interval, label, percent

MOST_ROWS = 30
"""Rows more than this are hard to read: the surest are drawn."""
ROW, ABOVE, BELOW = 56, 84, 56


def compare_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `compare` or `before_and_after`: each difference in points, with its 95 % interval and both sides.

    The title names the segments, the first minus the second.
    A filled mark and bold words are surely different (p_adjusted below 0.05). At most MOST_ROWS rows, from the top.

    >>> from journey_mining import compare
    >>> steps = pd.DataFrame({"journey_id": ["a", "a", "b"], "person_id": ["ann", "ann", "bob"], "step_number": [1, 2, 1],
    ...                       "occurred_at": pd.Timestamp("2024-05-01"), "stage": ["cart", "pay", "cart"]})
    >>> steps = steps.assign(device=["phone", "phone", "desk"], outcome=["succeeded", "succeeded", "dropped"])
    >>> compare_figure(compare(steps, "device", "phone", metrics=["success"])).layout.annotations[0].text
    'success<br>100.0% of 1 / 0.0% of 1'
    """
    require_columns("table", ("metric", "name", "rate_a", "rate_b", "difference", "p_adjusted"), table.columns)
    known = table[table["difference"].notna()]
    drawn = known.head(MOST_ROWS).assign(is_sure=lambda rows: rows["p_adjusted"] < 0.05, told=_told)
    places = list(range(len(drawn)))
    figure = Figure()
    for is_sure, name in ((True, "surely different"), (False, "may be chance")):
        here = (drawn["is_sure"] == is_sure).to_numpy()
        rows, colour = drawn[here], PALETTE[0] if is_sure else GREY
        figure.add_trace(
            Scatter(
                x=100 * rows["difference"],
                y=[place for place in places if here[place]],
                mode="markers",
                name=name,
                marker={
                    "size": 11,
                    "color": colour,
                    "symbol": "circle" if is_sure else "circle-open",
                    "line": {"width": 2},
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": 100 * (rows["difference_high"] - rows["difference"]).fillna(0),
                    "arrayminus": 100 * (rows["difference"] - rows["difference_low"]).fillna(0),
                    "color": colour,
                    "thickness": 2,
                },
                customdata=rows["told"],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    for place, row in zip(places, drawn.to_dict("records"), strict=True):
        heading = {"x": 0, "xref": "paper", "xanchor": "left", "y": place, "yshift": 19, "align": "left"}
        figure.add_annotation(text=_heading(row), showarrow=False, font={"size": 12}, **heading)
    a, b = table.attrs.get("segments", ("a", "b"))
    rest = f", the surest {len(drawn)} of {len(known)}" if len(known) > len(drawn) else ""
    figure.update_layout(frame(f"{a} minus {b}, in points{rest}", ABOVE + BELOW + ROW * max(len(drawn), 1)))
    figure.update_layout(
        margin={"t": ABOVE, "b": BELOW, "l": 12, "r": 12},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, ticksuffix=" pt", tickformat="+~g", nticks=8, tickangle=0)
    figure.update_yaxes(range=[len(drawn) - 0.4, -0.75], showticklabels=False, showgrid=False, zeroline=False)
    return figure


def _what(row: Mapping[Hashable, Any]) -> str:
    return str(row["metric"]) + ("" if pd.isna(row["name"]) else f": {label(row['name'])}")


def _heading(row: Mapping[Hashable, Any]) -> str:
    told = f"<b>{_what(row)}</b>" if row["is_sure"] else _what(row)
    return f"{told}<br>{percent(row['rate_a'])} of {row['n_a']:,} / {percent(row['rate_b'])} of {row['n_b']:,}"


def _told(table: pd.DataFrame) -> list[str]:
    return ["<br>".join((f"<b>{_what(row)}</b>", *_sides(row), *_judged(row))) for row in table.to_dict("records")]


def _sides(row: Mapping[Hashable, Any]) -> Iterator[str]:
    for side in "ab":
        limits = interval(row[f"low_{side}"], row[f"high_{side}"])
        yield f"{side}: {row[f'n_hits_{side}']:,} of {row[f'n_{side}']:,}, {percent(row[f'rate_{side}'])} {limits}"


def _judged(row: Mapping[Hashable, Any]) -> Iterator[str]:
    yield f"difference {100 * row['difference']:+.1f} points"
    if not pd.isna(row["p_adjusted"]):
        yield f"95 %: {100 * row['difference_low']:+.1f} to {100 * row['difference_high']:+.1f}"
        yield f"p = {row['p_adjusted']:.2g}, corrected"
