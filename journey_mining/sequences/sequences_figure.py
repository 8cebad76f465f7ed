"""Frequent sequences, a bar each."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bars, bold
from journey_mining.figures import interval, percent


def sequences_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `sequences`: which share of the journeys has each, the most frequent first.

    >>> table = pd.DataFrame({"sequence": [["home", "buy"]], "n_times": [4], "n_journeys": [3], "n_people": [2],
    ...     "share": [0.75], "low": [0.3], "high": [0.95], "n_open": [0]})
    >>> sequences_figure(table).layout.annotations[0].text
    '<b>home → buy</b><br>75.0% (30.0% to 95.0%), n = 3'
    """
    rows = []
    for row in table.to_dict("records"):
        name, share = bold(" → ".join(row["sequence"])), f"{percent(row['share'])} {interval(row['low'], row['high'])}"
        times = f"{row['n_times']:,} times in {row['n_journeys']:,} journeys of {row['n_people']:,} people"
        hover = f"{name}<br>{times}<br>{share}<br>{row['n_open']:,} open journeys beside"
        words = f"{name}<br>{share}, n = {row['n_journeys']:,}"
        rows.append(Row(words, row["share"], row["low"], row["high"], hover))
    return bars("Share of journeys with a sequence", rows)
