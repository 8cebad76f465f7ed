"""How sure an estimate from a chain is: its standard error by the delta method, clustered by person.

An estimate is a smooth function of counts; each person's counts push it by their sum of weights, its derivative (van
der Vaart, Asymptotic Statistics, 1998, chapter 3). The squares of these pushes over people are its variance: nothing is
assumed of the moves of one person, which are alike.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike

from journey_mining.markov.chain import Floats
from journey_mining.steps import Opened

AT_ONCE = 16
"""How many quantities are scored at once: memory for that many numbers per person."""


def errors_of(analysis: Opened, per_move: Floats, per_second: Floats | None = None) -> Floats:
    """Return the standard error of each quantity; missing for a single person.

    `per_move` has a row per quantity and a column per edge of the chain: what one more move along it would change;
    `per_second` likewise weighs the time of these moves.
    """
    found = analysis.run("markov/moves_of_people").fetchnumpy()
    counts = _by_person(found, "n_moves")
    seconds = None if per_second is None else _by_person(found, "milliseconds") / 1000
    n = counts.shape[0]
    squares = np.zeros(len(per_move))
    for begin in range(0, len(per_move), AT_ONCE):
        block = slice(begin, begin + AT_ONCE)
        pushes = counts @ per_move[block].T
        if seconds is not None and per_second is not None:
            pushes += seconds @ per_second[block].T
        squares[block] = (pushes**2).sum(axis=0)
    errors = np.sqrt(n / (n - 1) * squares) if n > 1 else np.full(len(per_move), np.nan)
    # What is left of an exact zero by rounding is none.
    return np.where(errors < 1e-12, 0.0, errors)


def with_limits(analysis: Opened, rate: ArrayLike, error: ArrayLike, n_units: ArrayLike) -> tuple[Floats, Floats]:
    """Return Wilson's 95 % limits, low and high, of rates with their standard errors."""
    estimates = pd.DataFrame({"rate": rate, "error": error, "n_units": n_units}).astype(float)
    estimates.insert(0, "place", range(len(estimates)))
    analysis.con.register("estimates", estimates)
    found = analysis.run("markov/limits").df().astype(float)
    return found["low"].to_numpy(), found["high"].to_numpy()


def _by_person(found: Mapping[str, ArrayLike], values: str) -> "scipy.sparse.csr_array":
    """Return a row per person and a column per edge, each row in the order of its edges: sums that can be repeated."""
    row, edge, value = (np.asarray(found[name]) for name in ("row_no", "edge_no", values))
    table = scipy.sparse.csr_array((value.astype(np.float64), (row, edge)))
    table.sort_indices()
    return table
