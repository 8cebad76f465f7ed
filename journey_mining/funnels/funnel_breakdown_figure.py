"""Funnels side by side: stage by stage, the share of each segment that came from the stage before."""

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figure_rows import Row, bars, bold, end_colour
from journey_mining.figures import interval, percent


def funnel_breakdown_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `funnel_breakdown`: for each stage after the first, the share of each segment, in its order.

    >>> table = pd.DataFrame({"segment": ["mobile"] * 2, "stage": ["cart", "buy"], "position": [1, 2],
    ...     "n_entries": [8, 2], "n_people": [7, 2], "n_lost": [0, 6], "n_open": [0, 0],
    ...     "share_of_first": [1.0, 0.25], "share_of_previous": [float("nan"), 0.25], "low": [float("nan"), 0.1],
    ...     "high": [float("nan"), 0.5]})
    >>> [note.text for note in funnel_breakdown_figure(table).layout.annotations]
    ['<b>2. buy</b>, of those before', '<b>mobile</b><br>25.0% (10.0% to 50.0%), 2 of 8']
    """
    rows = []
    for row in table[table["share_of_previous"].notna()].sort_values("position", kind="stable").to_dict("records"):
        name, share = bold(row["segment"]), f"{percent(row['share_of_previous'])} {interval(row['low'], row['high'])}"
        counted = f"{row['n_entries']:,} of {row['n_entries'] + row['n_lost']:,}"
        stage = bold(f"{row['position']}. {row['stage']}")
        hover = [
            name,
            f"{counted}, {row['n_people']:,} people<br>{share}",
            f"{percent(row['share_of_first'])} of the first stage",
            f"{row['n_open']:,} more are too young to tell",
        ]
        limits = (row["share_of_previous"], row["low"], row["high"])
        shown = (f"{stage}, of those before", end_colour(row["segment"]))
        rows.append(Row(f"{name}<br>{share}, {counted}", *limits, "<br>".join(hover), *shown))
    return bars("The funnel by segment", rows)
