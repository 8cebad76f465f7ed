"""The rate after a start beside that of all journeys."""

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figure_rows import Row, bars
from journey_mining.figures import GREY, PALETTE, interval, percent


def conversion_lift_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `conversion_lift`: which share comes to the end after the start, and which of all journeys has it.

    >>> table = pd.DataFrame({"n_journeys": [40], "n_people": [30], "n_converted": [20], "rate": [0.5], "low": [0.35],
    ...     "high": [0.65], "n_all": [100], "n_with_end": [25], "base_rate": [0.25], "base_low": [0.18], "base_high": [0.34],
    ...     "lift": [2.0], "lift_low": [1.4], "lift_high": [2.9]})
    >>> figure = conversion_lift_figure(table)
    >>> figure.layout.title.text
    'Lift 2.00 (1.40 to 2.90)'
    >>> [note.text for note in figure.layout.annotations]
    ['After the start<br>50.0% (35.0% to 65.0%), n = 40', 'In any journey<br>25.0% (18.0% to 34.0%), n = 100']
    """
    ((_, one),) = table.iterrows()
    known = f"{one['lift']:.2f}" if one["lift"] == one["lift"] else "unknown"
    limits = f"({one['lift_low']:.2f} to {one['lift_high']:.2f})" if one["lift_low"] == one["lift_low"] else ""
    rows = []
    for words, rate, low, high, n, colour in (
        ("After the start", "rate", "low", "high", "n_journeys", PALETTE[0]),
        ("In any journey", "base_rate", "base_low", "base_high", "n_all", GREY),
    ):
        share = f"{percent(one[rate])} {interval(one[low], one[high])}, n = {int(one[n]):,}"
        value = one[rate] if one[rate] == one[rate] else 0.0
        rows.append(Row(f"{words}<br>{share}", value, one[low], one[high], f"{words}<br>{share}", colour=colour))
    return bars(f"Lift {known} {limits}".strip(), rows)
