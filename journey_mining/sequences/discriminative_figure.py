"""What sets won journeys apart from lost ones, as a forest plot."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bold, marks
from journey_mining.figures import INK, percent


def discriminative_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `discriminative_sequences`: how many more of those with a sequence are won, with the interval.

    What may be chance (p_adjusted of 0.05 or more) is hollow and grey; what has no interval is not drawn.

    >>> table = pd.DataFrame({"sequence": [["home", "cart"]], "n_a": [10], "rate_a": [0.5], "n_b": [20], "rate_b": [0.1],
    ...     "difference": [0.4], "difference_low": [0.2], "difference_high": [0.6], "p_adjusted": [0.001]})
    >>> discriminative_figure(table).layout.annotations[0].text
    '<b>home → cart</b><br>50.0% of 10 with it, 10.0% of 20 without'
    """
    rows = []
    for row in table.dropna(subset=["difference_low"]).to_dict("records"):
        sides = (
            f"{percent(row['rate_a'])} of {row['n_a']:,} with it, {percent(row['rate_b'])} of {row['n_b']:,} without"
        )
        words = f"{bold(' → '.join(row['sequence']))}<br>{sides}"
        limits = (row["difference"], row["difference_low"], row["difference_high"])
        hover = f"{words}<br>p = {row['p_adjusted']:.2g}, corrected"
        rows.append(Row(words, *limits, hover, is_sure=row["p_adjusted"] < 0.05))
    figure = marks("How many more are won with it than without", rows, tickformat="+.0%")
    return figure.add_vline(x=0, line={"color": INK, "width": 1}, layer="below") if rows else figure
