"""How well journeys fit their design in all: two shares, and what deviates."""

from math import nan

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bars
from journey_mining.figures import interval, percent

DEVIATIONS = (
    ("n_skipped", "stages skipped"),
    ("n_unreached", "stages not reached"),
    ("n_inserted", "visits the design does not know"),
    ("n_out_of_order", "visits out of order"),
    ("n_late", "stages late"),
)


def total_conformance_figure(table: pd.DataFrame) -> go.Figure:
    """Draw the row of `total_conformance`: the mean fitness and the share that conforms; under them what deviates.

    >>> table = pd.DataFrame({"n_journeys": [4], "n_people": [4], "fitness": [0.9], "fitness_low": [0.8],
    ...     "fitness_high": [0.95], "n_conforming": [3], "conforming_share": [0.75], "conforming_low": [0.3],
    ...     "conforming_high": [0.95], "n_skipped": [1], "n_unreached": [0], "n_inserted": [0], "n_out_of_order": [2],
    ...     "n_late": [0], "n_open": [1]})
    >>> for note in total_conformance_figure(table).layout.annotations:
    ...     print(note.text)
    <b>fitness, on average</b><br>90.0% (80.0% to 95.0%), n = 4
    <b>conform in everything</b><br>75.0% (30.0% to 95.0%), 3 of 4
    stages skipped: 1<br>visits out of order: 2
    """
    title = "How journeys fit their design"
    if not table["n_journeys"].sum():
        return bars(title, [])
    row = table.to_dict("records")[0]
    fitness = (
        f"{percent(row['fitness'])} {interval(row['fitness_low'], row['fitness_high'])}, n = {row['n_journeys']:,}"
    )
    conforming = f"{percent(row['conforming_share'])} {interval(row['conforming_low'], row['conforming_high'])}"
    deviating = [f"{words}: {row[column]:,}" for column, words in DEVIATIONS if row[column]]
    beside = f"{row['n_journeys']:,} journeys of {row['n_people']:,} people<br>{row['n_open']:,} open beside"
    rows = [
        Row(
            f"<b>fitness, on average</b><br>{fitness}",
            *(row["fitness"], row["fitness_low"], row["fitness_high"]),
            f"{fitness}<br>{beside}",
        ),
        Row(
            f"<b>conform in everything</b><br>{conforming}, {row['n_conforming']:,} of {row['n_journeys']:,}",
            *(row["conforming_share"], row["conforming_low"], row["conforming_high"]),
            f"{conforming}<br>{beside}",
        ),
    ]
    if deviating:
        rows.append(Row("<br>".join(deviating), nan, nan, nan, ""))
    return bars(title, rows, range=[0, 1])
