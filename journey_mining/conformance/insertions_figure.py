"""What the design does not know, a bar per name, grouped by where it comes."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bars, bold, end_colour
from journey_mining.figures import interval, label, percent


def insertions_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `insertions`: after each designed stage, which share of the journeys went somewhere else.

    >>> table = pd.DataFrame({"after": ["asked"], "stage": ["lost"], "n_visits": [2], "n_journeys": [1], "n_people": [1],
    ...     "share": [0.5], "low": [0.1], "high": [0.9], "n_open": [0]})
    >>> [note.text for note in insertions_figure(table).layout.annotations]
    ['After <b>asked</b>', '<b>lost</b><br>50.0% (10.0% to 90.0%), n = 1']
    """
    rows = []
    for row in table[table["n_journeys"] > 0].to_dict("records"):
        name = row[table.columns[1]]
        share = f"{percent(row['share'])} {interval(row['low'], row['high'])}"
        hover = (
            f"{bold(name)}<br>{row['n_visits']:,} visits of {row['n_journeys']:,} journeys, {row['n_people']:,} people"
            f"<br>{share} of all journeys<br>{row['n_open']:,} open beside"
        )
        words = f"{bold(name)}<br>{share}, n = {row['n_journeys']:,}"
        group = f"After <b>{label(row['after'])}</b>"
        rows.append(Row(words, row["share"], row["low"], row["high"], hover, group, end_colour(str(name))))
    return bars("What the design does not know, share of all journeys", rows)
