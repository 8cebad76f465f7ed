"""The lifecycle, drawn: bars of who is active, and below the line who went quiet."""

import pandas as pd
from plotly.graph_objects import Bar, Figure

from journey_mining.errors import require_columns
from journey_mining.figures import GRID, INK, PALETTE, frame

PARTS = {"n_new": "new", "n_returning": "returning", "n_resurrected": "resurrected", "n_dormant": "dormant"}
FILLS = dict(zip(PARTS, [PALETTE[2], PALETTE[0], PALETTE[1], "#B9BFCA"], strict=True))


def lifecycle_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `lifecycle` as stacked bars, the dormant below zero; a period that is not over is hatched.

    >>> import journey_mining as jm
    >>> days = pd.DataFrame({"who": ["ann", "ann", "bob"], "what": "visit",
    ...                      "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"])})
    >>> log = jm.from_pandas(days, person="who", event="what", time="at")
    >>> {part.name: [int(n) for n in part.y] for part in lifecycle_figure(log.lifecycle("day").table).data}
    {'new': [2, 0], 'returning': [0, 1], 'resurrected': [0, 0], 'dormant': [0, -1]}
    """
    require_columns("table", ("period_on", *PARTS, "n_people", "is_finished"), table.columns)
    days = pd.to_datetime(table["period_on"]).dt.strftime("%Y-%m-%d")
    state = ["" if is_finished else "<br>not over yet" for is_finished in table["is_finished"]]
    figure = Figure()
    for column, name in PARTS.items():
        counts = table[column].astype(int)
        figure.add_trace(
            Bar(
                x=days,
                y=-counts if column == "n_dormant" else counts,
                name=name,
                marker={
                    "color": FILLS[column],
                    "pattern": {
                        "shape": ["" if done else "/" for done in table["is_finished"]],
                        "fgcolor": INK,
                        "size": 5,
                    },
                },
                customdata=list(zip(counts, table["n_people"], state, strict=True)),
                hovertemplate=f"<b>%{{x}}</b><br>%{{customdata[0]:,}} {name}"
                + "<br>%{customdata[1]:,} active%{customdata[2]}<extra></extra>",
            )
        )
    figure.update_layout(frame("Active people, and below the dormant", 440), barmode="relative", bargap=0.15)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"})
    figure.update_layout(margin={"t": 104, "b": 48, "l": 8, "r": 8})
    figure.update_xaxes(type="category", title="hatched: not over yet", automargin=True, nticks=12)
    figure.update_yaxes(title="people", tickformat=",", gridcolor=GRID, zerolinecolor=INK, automargin=True)
    return figure
