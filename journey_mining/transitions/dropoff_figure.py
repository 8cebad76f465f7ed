"""Where journeys are lost, a bar per stage."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bars, bold
from journey_mining.figures import END_COLOURS, interval, percent


def dropoff_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `dropoff`: of the journeys that came to each stage, the share that dropped there.

    >>> table = pd.DataFrame({"stage": ["cart"], "n_journeys": [8], "n_people": [7], "n_dropped": [2],
    ...     "dropoff_rate": [0.25], "dropoff_low": [0.1], "dropoff_high": [0.5], "n_visits": [10], "exit_share": [0.2],
    ...     "n_open": [1]})
    >>> dropoff_figure(table).layout.annotations[0].text
    '<b>cart</b><br>25.0% (10.0% to 50.0%) of 8'
    """
    rows = []
    for row in table.to_dict("records"):
        name = bold(row[table.columns[0]])
        rate = f"{percent(row['dropoff_rate'])} {interval(row['dropoff_low'], row['dropoff_high'])}"
        hover = [
            name,
            f"{row['n_dropped']:,} of {row['n_journeys']:,} journeys dropped, of {row['n_people']:,} people",
            rate,
            f"after {percent(row['exit_share'])} of {row['n_visits']:,} visits",
            f"{row['n_open']:,} open journeys beside",
        ]
        words = f"{name}<br>{rate} of {row['n_journeys']:,}"
        limits = (row["dropoff_rate"], row["dropoff_low"], row["dropoff_high"])
        rows.append(Row(words, *limits, "<br>".join(hover), colour=END_COLOURS["(dropped)"]))
    return bars("Of the journeys that came there, dropped there", rows)
