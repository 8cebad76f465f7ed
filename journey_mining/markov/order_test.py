"""How much memory journeys have: whether where one goes next depends on where it is, and on where it was before."""

import numpy as np
import pandas as pd
import scipy

from journey_mining.errors import StepsError
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened


def order_test(steps: Steps, by: By | None = None) -> pd.DataFrame:
    """Compare Markov chains of order 0, 1 and 2: does the next stage depend on this one, and on the one before?

    One row per order: order, n_moves (out of visits of mature journeys: the same in every row), n_contexts (what the
    next may depend on: 1, the stages, the pairs), n_parameters, log_likelihood, bits_per_move (how uncertain the next
    remains), bic (the lower, the better), is_best, and against the order below: statistic, degrees_of_freedom, p_value.

    The statistic is that of the likelihood ratio (Anderson and Goodman, Annals of Mathematical Statistics 28, 1957);
    its degrees of freedom count what was seen: for order 2, at each stage, (stages before - 1) * (stages after - 1)
    (Billingsley, Annals of Mathematical Statistics 32, 1961). The order by the criterion of Schwarz is consistent
    (Katz, Technometrics 23, 1981). Moves are taken as independent given their context: people who differ look like
    memory, and with many journeys any trace of it is significant; bits_per_move says how much it is. The first stage
    of a journey is taken as given. `attrs["sql"]` gives the counts.

    >>> steps = pd.DataFrame({
    ...     "journey_id": ["a", "a", "b", "b"], "person_id": ["ann", "ann", "bob", "bob"], "step_number": [1, 2, 1, 2],
    ...     "occurred_at": pd.to_datetime(["2024-05-01", "2024-05-02"] * 2), "stage": ["search", "buy", "help", "buy"]})
    >>> order_test(steps)[["order", "n_contexts", "bits_per_move", "degrees_of_freedom"]]
       order  n_contexts  bits_per_move  degrees_of_freedom
    0      0           1            1.0                <NA>
    1      1           3            0.0                   2
    2      2           4            0.0                   0
    """
    with opened(steps, by) as analysis:
        counts = analysis.table("markov/contexts")
    if counts.empty:
        raise StepsError("steps: no journey is mature yet; there is nothing to count")
    n_moves = int(counts["n_moves"].sum())
    contexts: list[list[str]] = [[], ["name"], ["before", "name"]]
    likelihoods = np.array([_log_likelihood(counts, context) for context in contexts])
    freedom = np.array(_degrees_of_freedom(counts))
    n_parameters = counts["next"].nunique() - 1 + np.cumsum([0, *freedom])
    statistic = np.maximum(2 * np.diff(likelihoods), 0)
    bic = n_parameters * np.log(n_moves) - 2 * likelihoods
    table = pd.DataFrame(
        {
            "order": [0, 1, 2],
            "n_moves": n_moves,
            "n_contexts": [counts[context].drop_duplicates().shape[0] if context else 1 for context in contexts],
            "n_parameters": n_parameters,
            "log_likelihood": likelihoods,
            "bits_per_move": np.maximum(-likelihoods, 0) / n_moves / np.log(2),
            "bic": bic,
            "is_best": np.arange(3) == bic.argmin(),
            "statistic": [np.nan, *statistic],
            "degrees_of_freedom": pd.array([None, *freedom], dtype="Int64"),
            # With nothing to vary there is nothing to test.
            "p_value": [
                np.nan,
                *np.where(freedom > 0, scipy.special.chdtrc(np.maximum(freedom, 1), statistic), np.nan),
            ],
        }
    )
    table.attrs["sql"] = counts.attrs["sql"]
    return table


def _log_likelihood(counts: pd.DataFrame, context: list[str]) -> float:
    """Return the log-likelihood of the moves, each by its share of the moves out of its context."""
    seen = counts.groupby([*context, "next"])["n_moves"].sum()
    of_context = seen.groupby(context).transform("sum") if context else seen.sum()
    return float((seen * np.log(seen / of_context)).sum())


def _degrees_of_freedom(counts: pd.DataFrame) -> list[int]:
    """Return those of order 1 against 0, and of 2 against 1."""
    around = counts.groupby("name")[["before", "next"]].nunique()
    return [
        (len(around) - 1) * (counts["next"].nunique() - 1),
        int(((around["before"] - 1) * (around["next"] - 1)).sum()),
    ]
