"""How long each stage of a funnel takes, on a scale from seconds to weeks."""

import pandas as pd
from plotly.graph_objects import Figure

from journey_mining.figure_rows import Row, bold, marks
from journey_mining.figures import span

TICKS = (1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400)


def time_to_convert_figure(table: pd.DataFrame) -> Figure:
    """Draw a table of `time_to_convert`: the median of each stage, and the line that 80 % lie on.

    The scale is logarithmic and begins at a second; what is shorter stands there.

    >>> table = pd.DataFrame({"stage": ["buy"], "position": [2], "n_entries": [9], "mean_seconds": [4000.0],
    ...     "p10_seconds": [60.0], "p25_seconds": [600.0], "median_seconds": [3600.0], "p75_seconds": [5400.0],
    ...     "p90_seconds": [7200.0]})
    >>> time_to_convert_figure(table).layout.annotations[0].text
    '<b>2. buy</b><br>median 60 min (60 s to 2 h), n = 9'
    """
    rows = []
    for row in table[table["n_entries"] > 0].to_dict("records"):
        name = bold(f"{row['position']}. {row['stage']}")
        told = {part: span(row[f"{part}_seconds"]) for part in ("p10", "p25", "median", "p75", "p90", "mean")}
        words = f"{name}<br>median {told['median']} ({told['p10']} to {told['p90']}), n = {row['n_entries']:,}"
        quartiles = f"half of them {told['p25']} to {told['p75']}, mean {told['mean']}"
        middle, low, high = (max(1.0, row[f"{part}_seconds"]) for part in ("median", "p10", "p90"))
        rows.append(Row(words, middle, low, high, f"{words}<br>{quartiles}"))
    since = {"entry": "since entry", "previous": "since the stage before"}.get(table.attrs.get("since", ""), "")
    ticks = {"tickvals": TICKS, "ticktext": [span(tick) for tick in TICKS]}
    return marks(f"Time to each stage {since} (line: 80 % of them)".replace("  ", " "), rows, type="log", **ticks)
