"""What would be lost without each channel, a bar each."""

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figure_rows import Row, bars, bold
from journey_mining.figures import interval, percent


def removal_effects_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `removal_effects`: the share of the successes that would be lost without each value.

    >>> table = pd.DataFrame({"channel": ["mail"], "n_journeys": [8], "n_people": [7], "removal_effect": [0.25],
    ...     "effect_low": [0.1], "effect_high": [0.4], "share": [1.0], "share_low": [1.0], "share_high": [1.0],
    ...     "n_open": [0]})
    >>> removal_effects_figure(table).layout.annotations[0].text
    '<b>mail</b><br>25.0% (10.0% to 40.0%), n = 8'
    """
    of, rows = table.columns[0], []
    for row in table.to_dict("records"):
        name, effect = (
            bold(row[of]),
            f"{percent(row['removal_effect'])} {interval(row['effect_low'], row['effect_high'])}",
        )
        hover = [
            name,
            f"touched by {row['n_journeys']:,} journeys of {row['n_people']:,} people",
            f"without it {effect} of the successes are lost",
            f"{percent(row['share'])} {interval(row['share_low'], row['share_high'])} of all effects",
            f"{row['n_open']:,} open journeys beside",
        ]
        limits = (row["removal_effect"], row["effect_low"], row["effect_high"])
        rows.append(Row(f"{name}<br>{effect}, n = {row['n_journeys']:,}", *limits, "<br>".join(hover)))
    return bars(f"Successes lost without each {of}", rows)
