"""What the lost did instead, stage by stage."""

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figure_rows import Row, bars, bold, end_colour
from journey_mining.figures import interval, percent


def after_dropoff_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `after_dropoff`: of those lost after each stage, which share went on to what, or ended.

    >>> table = pd.DataFrame({"stage": ["cart"], "position": [1], "next": ["help"], "n_entries": [3], "n_people": [2],
    ...     "share": [0.75], "low": [0.3], "high": [0.95]})
    >>> [note.text for note in after_dropoff_figure(table).layout.annotations]
    ['Lost after <b>1. cart</b>', '<b>help</b><br>75.0% (30.0% to 95.0%), n = 3']
    """
    rows = []
    for row in table.to_dict("records"):
        name, share = bold(row["next"]), f"{percent(row['share'])} {interval(row['low'], row['high'])}"
        stage = bold(f"{row['position']}. {row['stage']}")
        hover = f"{stage}, then {name}<br>n = {row['n_entries']:,} · {row['n_people']:,} people<br>{share}"
        words = f"{name}<br>{share}, n = {row['n_entries']:,}"
        rows.append(
            Row(words, row["share"], row["low"], row["high"], hover, f"Lost after {stage}", end_colour(row["next"]))
        )
    return bars("What came next instead", rows)
