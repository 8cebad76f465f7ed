"""Retention, drawn: a triangle of shares, a row per cohort."""

import numpy as np
import pandas as pd
from plotly.graph_objects import Figure, Heatmap

from journey_mining.errors import require_columns
from journey_mining.figures import GREY, SEQUENTIAL, frame, interval, label, percent

MOST_COHORTS = 30
"""Rows more than this are hard to read: the latest are drawn."""
ROW, ABOVE, BELOW = 36, 96, 40
"""Pixels: the height of a row, and the space around the rows."""


def retention_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `retention` as a heat map with the percentages written; what is not over yet has a star and a dotted frame.

    All finished cohorts together are the first row, then at most MOST_COHORTS cohorts, the latest, each with its size.

    >>> import journey_mining as jm
    >>> days = pd.DataFrame({"who": ["ann", "ann", "bob"], "what": "visit",
    ...                      "at": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-01"])})
    >>> log = jm.from_pandas(days, person="who", event="what", time="at")
    >>> figure = retention_figure(log.retention().table)
    >>> list(zip(figure.data[0].y, map(list, figure.data[0].text)))
    [('(all)<br>n = 2', ['100', '']), ('2024-05-01<br>n = 2', ['100', '50*'])]
    """
    require_columns("table", ("cohort", "offset", "n_people", "n_back", "rate", "is_finished"), table.columns)
    known = sorted(set(table["cohort"]) - {"(all)"})
    cohorts = [*(["(all)"] if (table["cohort"] == "(all)").any() else []), *known[-MOST_COHORTS:]]
    drawn = table[table["cohort"].isin(cohorts)].assign(text=_written, told=_told)
    names = {cohort: _name(cohort, table) for cohort in cohorts}
    grids = {
        column: drawn.pivot(index="cohort", columns="offset", values=column).reindex(cohorts)
        for column in ("rate", "text", "told")
    }
    figure = Figure(
        Heatmap(
            z=grids["rate"].to_numpy(float),
            x=[*grids["rate"].columns],
            y=[*names.values()],
            text=grids["text"].fillna("").to_numpy(),
            customdata=grids["told"].fillna("").to_numpy(),
            texttemplate="%{text}",
            textfont={"size": 11},
            hovertemplate="%{customdata}<extra></extra>",
            hoverongaps=False,
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=_highest(drawn),
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    for row in drawn[~drawn["is_finished"]].to_dict("records"):
        x, y = row["offset"], cohorts.index(row["cohort"])
        line = {"dash": "dot", "color": GREY, "width": 1.5}
        figure.add_shape(type="rect", x0=x - 0.46, x1=x + 0.46, y0=y - 0.42, y1=y + 0.42, line=line)
    rest = f", the latest {MOST_COHORTS} of {len(known)} cohorts" if len(known) > MOST_COHORTS else ""
    figure.update_layout(frame(f"Percent back, by periods since the first{rest}", ABOVE + BELOW + ROW * len(cohorts)))
    figure.update_layout(margin={"t": ABOVE, "l": 8, "r": 8, "b": BELOW})
    figure.update_xaxes(side="top", dtick=1, showgrid=False, zeroline=False, ticks="")
    figure.update_yaxes(autorange="reversed", type="category", automargin=True, showgrid=False, ticks="")
    note = "* not over yet: can rise, not in (all)"
    figure.add_annotation(
        text=note,
        x=0,
        xref="paper",
        y=0,
        yref="paper",
        yshift=-24,
        xanchor="left",
        showarrow=False,
        font={"color": GREY},
    )
    return figure


def _name(cohort: str, table: pd.DataFrame) -> str:
    return f"{label(cohort)}<br>n = {table.loc[table['cohort'] == cohort, 'n_people'].max():,}"


def _written(table: pd.DataFrame) -> list[str]:
    return [
        ("<1" if 0 < rate < 0.005 else f"{100 * rate:.0f}") + ("" if is_finished else "*")
        for rate, is_finished in zip(table["rate"], table["is_finished"], strict=True)
    ]


def _told(table: pd.DataFrame) -> list[str]:
    return [
        f"<b>{label(row['cohort'])}</b>, {row['offset']} later"
        f"<br>{row['n_back']:,} of {row['n_people']:,} people: {percent(row['rate'])}"
        f" {interval(row['low'], row['high'])}" + ("" if row["is_finished"] else "<br>not over yet")
        for row in table.to_dict("records")
    ]


def _highest(table: pd.DataFrame) -> float:
    """Return the share that is darkest: that of the first offset is often 1 by definition and would leave the rest pale."""
    later = table.loc[table["offset"] > 0, "rate"]
    return float(np.nanmax([0.01, *later]))
