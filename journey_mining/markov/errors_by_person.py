"""How sure an estimate from a chain is: its standard error by the delta method, clustered by person.

An estimate is a smooth function of counts; each person's counts push it by their sum of weights, its derivative (van
der Vaart, Asymptotic Statistics, 1998, chapter 3). The squares of these pushes over people are its variance: nothing is
assumed of the moves of one person, which are alike.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from journey_mining.markov.chain import Chain, names_of
from journey_mining.steps import Opened

Floats = NDArray[np.float64]
ADDED = {"success": 0, "moves": 1, "seconds": 0}
"""What a move adds by itself to what is expected, besides where it goes; to "seconds" it adds its time."""
PRECISION = 2.0**24
"""Weights are summed as whole multiples of the largest over this: an error is right to seven digits, and repeatable."""


def errors_of(analysis: Opened, chain: Chain, weights: Sequence[Floats]) -> Floats:
    """Return the standard error of each quantity, whose weights per move have the shape of the chain's counts."""
    if not len(weights):
        return np.zeros(0)
    edges = np.argwhere(chain.n_moves > 0)
    scales = np.array([_scale(table) for table in weights])
    frames = [
        _weights(chain, edges, table[tuple(edges.T)] / scale, quantity)
        for quantity, (table, scale) in enumerate(zip(weights, scales, strict=True))
    ]
    _score(analysis, frames)
    found = analysis.run("markov/score_squares").df().set_index("quantity")["squares"]
    squares = found.reindex(range(len(weights))).fillna(0).to_numpy()
    return np.asarray(np.sqrt(_few_clusters(analysis) * squares) * scales)


def errors_through(analysis: Opened, chain: Chain, visits: Floats, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the standard errors of what is expected from each state on, for each measure of `values`.

    A value is that of the states and ends. People push it at each state; the visits expected carry that to the states
    before.
    """
    edges = np.argwhere(chain.n_moves > 0)
    source, target = edges.T
    scales, frames = {}, []
    for measure, value in values.items():
        gain = value[target] - value[source] + ADDED[measure]
        is_time = measure == "seconds"
        scales[measure] = 0.001 if is_time else _scale(gain)
        frames.append(_weights(chain, edges, gain / scales[measure], source, measure, int(is_time)))
    _score(analysis, frames)
    found, factor = analysis.run("markov/score_products").df(), _few_clusters(analysis)
    per_move = visits / chain.n_left
    errors = {}
    for measure, scale in scales.items():
        pushes = np.zeros((len(chain.states),) * 2)
        own = found.loc[found["measure"] == measure, ["quantity", "other", "products"]]
        for one, other, products in own.itertuples(index=False):
            pushes[one, other] = pushes[other, one] = products
        squares = np.einsum("si,ij,sj->s", per_move, pushes, per_move)
        errors[measure] = np.sqrt(factor * np.maximum(squares, 0)) * scale
    return errors


def with_limits(analysis: Opened, rate: ArrayLike, error: ArrayLike, n_units: ArrayLike) -> tuple[Floats, Floats]:
    """Return Wilson's 95 % limits, low and high, of rates with their standard errors."""
    estimates = pd.DataFrame({"rate": rate, "error": error, "n_units": n_units}).astype(float)
    estimates.insert(0, "place", range(len(estimates)))
    analysis.con.register("estimates", estimates)
    found = analysis.run("markov/limits").df().astype(float)
    return found["low"].to_numpy(), found["high"].to_numpy()


def _few_clusters(analysis: Opened) -> float:
    """Return P / (P - 1), what a variance over P people is too small by; missing for a single one."""
    n_clusters: int = analysis.run("markov/clusters").fetchall()[0][0]
    return n_clusters / (n_clusters - 1) if n_clusters > 1 else float("nan")


def _score(analysis: Opened, frames: list[pd.DataFrame]) -> None:
    analysis.con.register("weights", pd.concat(frames, ignore_index=True))
    analysis.run("markov/scores")


def _scale(table: Floats) -> float:
    """Return the unit of which weights are whole multiples; what is but rounding counts as nothing."""
    largest = float(np.abs(table).max(initial=0))
    return largest / PRECISION if largest > 1e-12 else 1.0


def _weights(
    chain: Chain,
    edges: NDArray[np.int64],
    per_move: Floats,
    quantity: object,
    measure: str = "",
    per_millisecond: int = 0,
) -> pd.DataFrame:
    """Return what moves along edges count for a quantity, in whole units."""
    names = np.array(names_of(chain), dtype=object)
    rows = {
        "measure": measure,
        "quantity": quantity,
        "source": names[edges[:, 0]],
        "target": names[edges[:, 1]],
        "per_move": np.rint(per_move).astype(np.int64),
        "per_millisecond": per_millisecond,
    }
    return pd.DataFrame(rows)
