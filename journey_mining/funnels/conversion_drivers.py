"""What those who converted did more often, or less often, than those who did not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

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
    log scale (Haldane 1956, Gart 1966), widened where the attempts of a person are alike: by the design effect, the
    variance clustered by person over that of independent attempts (the sandwich of a logistic regression: Liang and
    Zeger 1986; Kish 1965). The p-value is Fisher's exact one where nobody has two attempts, else that of the log odds
    ratio. One person alone gives neither. A driver is no cause: who converts soon has had less time to do anything
    else. `attrs["sql"]` gives the counts.

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
    error = np.sqrt((1 / (cells + 0.5)).sum(axis=1) * _design_effect(found, cells))
    is_alone = found["n_clusters"].to_numpy() == cells.sum(axis=1)
    exact = [
        scipy.stats.fisher_exact(row.reshape(2, 2).astype(int)).pvalue if alone else np.nan
        for row, alone in zip(cells, is_alone, strict=True)
    ]
    p_values = np.where(is_alone, exact, 2 * scipy.stats.norm.sf(np.abs(log_ratio) / error))
    table = found[["name", *CELLS]].assign(
        odds_ratio=np.exp(log_ratio),
        low=np.exp(log_ratio - Z_95 * error),
        high=np.exp(log_ratio + Z_95 * error),
        p_value=p_values,
        p_adjusted=adjusted(p_values),
    )
    table = table.sort_values(["p_value", "name"], ignore_index=True)
    table.attrs["sql"] = found.attrs["sql"]
    return table


def _design_effect(found: pd.DataFrame, cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many times as large the variance of each log odds ratio is as if all attempts were independent.

    An attempt pushes the log odds ratio by 1 / its cell, up or down; a person by the sum of what their attempts do.
    Where people are so balanced that nothing pushes, they say nothing about it, and 1 stands in.
    """
    up = 1 / (cells + 0.5)
    # In the counts of a cluster: converted with, lost with, converted, lost. Those without are the difference.
    push = np.stack([up[:, 0] + up[:, 1], -up[:, 2] - up[:, 3], -up[:, 1], up[:, 3]], axis=1)
    places = [[min(i, j), max(i, j)] for i in range(1, 5) for j in range(1, 5)]
    products = found[[f"x{i}_x{j}" for i, j in places]].to_numpy(dtype=np.float64).reshape(-1, 4, 4)
    clustered = np.einsum("ni,nij,nj->n", push, products, push)
    independent = (cells * up**2).sum(axis=1)
    n_clusters, n_attempts = found["n_clusters"].to_numpy(dtype=np.float64), cells.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = clustered * n_clusters / (n_clusters - 1) / (independent * n_attempts / (n_attempts - 1))
    return np.where(n_clusters < 2, np.nan, np.where(effect > 1e-12, effect, 1.0))
