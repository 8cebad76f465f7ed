"""What those who converted did more often, or less often, than those who did not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from journey_mining.comparison import Z_95, adjusted
from journey_mining.errors import require_whole
from journey_mining.funnels.definition import How, defined
from journey_mining.funnels.matching import matched
from journey_mining.funnels.stages import Stage
from journey_mining.steps import Steps

CELLS = ["n_converted_with", "n_converted_without", "n_lost_with", "n_lost_without"]


def conversion_drivers(
    steps: Steps,
    stages: Sequence[Stage],
    window: str | timedelta | None = None,
    *,
    at_least: int = 20,
    **how: Unpack[How],
) -> pd.DataFrame:
    """Compare what attempts did between their entry and their conversion, or their end without one.

    One row per name that is no stage of the funnel and that `at_least` so many attempts did, the surest first: name,
    n_converted_with, n_converted_without, n_lost_with, n_lost_without, odds_ratio (of conversion, with to without),
    low, high (95 %), p_value, p_adjusted (Benjamini and Hochberg, over all rows). Entry and end are themselves outside;
    what is open is left out.

    The odds ratio has 1/2 added to each cell, so that an empty one gives a finite answer, and Woolf's interval on the
    log scale (Haldane 1956, Gart 1966); the p-value is Fisher's exact one. Attempts are taken as independent. A driver
    is no cause: who converts soon has had less time to do anything else. `attrs["sql"]` gives the counts.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "a", "b", "b"], "person_id": ["ann"] * 3 + ["bob"] * 2,
    ...     "step_number": [1, 2, 3, 1, 2], "stage": ["cart", "help", "buy", "cart", "home"],
    ...     "occurred_at": pd.to_datetime(["2024-05-01 09:00", "2024-05-01 09:10", "2024-05-01 09:20",
    ...                                    "2024-05-01 09:00", "2024-05-01 09:10"])})
    >>> conversion_drivers(steps, ["cart", "buy"], at_least=1).round(3).iloc[:, [0, 1, 3, 5]]
       name  n_converted_with  n_lost_with  odds_ratio
    0  help                 1            0       9.000
    1  home                 0            1       0.111
    """
    require_whole(1, at_least=at_least)
    with matched(steps, defined(stages, window, **how)) as analysis:
        found = analysis.table("funnels/conversion_drivers", {"at_least": at_least})
    cells = found[CELLS].to_numpy(dtype=np.float64)
    log_ratio = np.log(cells + 0.5) @ np.array([1, -1, -1, 1])
    error = np.sqrt((1 / (cells + 0.5)).sum(axis=1))
    p_values = [fisher_exact(row.reshape(2, 2).astype(int)).pvalue for row in cells]
    table = found[["name", *CELLS]].assign(
        odds_ratio=np.exp(log_ratio),
        low=np.exp(log_ratio - Z_95 * error),
        high=np.exp(log_ratio + Z_95 * error),
        p_value=np.array(p_values, dtype=np.float64),
        p_adjusted=adjusted(p_values),
    )
    table = table.sort_values(["p_value", "name"], ignore_index=True)
    table.attrs["sql"] = found.attrs["sql"]
    return table
