"""What follows, a bar per name."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bars, bold, end_colour
from journey_mining.figures import interval, percent


def next_steps_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `next_steps`: which share went on to each name, or ended.

    >>> table = pd.DataFrame({"name": ["buy"], "n_times": [3], "n_people": [2], "share": [0.75], "low": [0.3],
    ...     "high": [0.95], "n_open": [0]})
    >>> next_steps_figure(table).layout.annotations[0].text
    '<b>buy</b><br>75.0% (30.0% to 95.0%), n = 3'
    """
    rows = []
    for row in table[table["n_times"] > 0].to_dict("records"):
        name, share = bold(row["name"]), f"{percent(row['share'])} {interval(row['low'], row['high'])}"
        hover = (
            f"{name}<br>n = {row['n_times']:,} · {row['n_people']:,} people<br>{share}<br>{row['n_open']:,} open beside"
        )
        words = f"{name}<br>{share}, n = {row['n_times']:,}"
        rows.append(Row(words, row["share"], row["low"], row["high"], hover, colour=end_colour(row["name"])))
    return bars("What came next", rows)
