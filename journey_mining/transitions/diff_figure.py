"""Where two segments go different ways, as a forest plot."""

import pandas as pd
import plotly.graph_objects as go

from journey_mining.figure_rows import Row, bold, marks
from journey_mining.figures import INK, interval, percent


def transition_diff_figure(table: pd.DataFrame) -> go.Figure:
    """Draw a table of `transition_diff`: the differences of the probabilities, a minus b, the surest first.

    What may be chance (p_adjusted of 0.05 or more) is hollow and grey; where a side never left the name, nothing is drawn.

    >>> table = pd.DataFrame({"from": ["cart"], "to": ["buy"], "probability_a": [0.5], "low_a": [0.3], "high_a": [0.7],
    ...     "n_transitions_a": [10], "n_people_a": [9], "probability_b": [0.1], "low_b": [0.0], "high_b": [0.3],
    ...     "n_transitions_b": [2], "n_people_b": [2], "difference": [0.4], "difference_low": [0.1],
    ...     "difference_high": [0.6], "p_value": [0.01], "p_adjusted": [0.02]})
    >>> transition_diff_figure(table).layout.annotations[0].text
    '<b>cart → buy</b><br>50.0% minus 10.0%: +40.0 points'
    """
    known = table.dropna(subset=["difference", "p_adjusted"]).sort_values("p_value", kind="stable")
    rows = []
    for row in known.to_dict("records"):
        name = bold(f"{row['from']} → {row['to']}")
        sides = [
            f"{side}: {row[f'n_transitions_{side}']:,} times, {row[f'n_people_{side}']:,} people, "
            f"{percent(row[f'probability_{side}'])} {interval(row[f'low_{side}'], row[f'high_{side}'])}"
            for side in "ab"
        ]
        rates = f"{percent(row['probability_a'])} minus {percent(row['probability_b'])}"
        words = f"{name}<br>{rates}: {100 * row['difference']:+.1f} points"
        hover = "<br>".join([name, *sides, f"p = {row['p_adjusted']:.2g}, corrected"])
        limits = (row["difference"], row["difference_low"], row["difference_high"])
        rows.append(Row(words, *limits, hover, is_sure=row["p_adjusted"] < 0.05))
    a, b = table.attrs.get("segments", ("a", "b"))
    figure = marks(f"Of what leaves a name: {a} minus {b}; filled: surely different", rows, tickformat="+.0%")
    return figure.add_vline(x=0, line={"color": INK, "width": 1}, layer="below") if rows else figure
