"""Whether two rates differ by more than chance, and how to ask it many times without being fooled."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike, NDArray

from journey_mining.errors import ArgumentError

Z_95 = NormalDist().inv_cdf(0.975)


def difference(
    rate_a: ArrayLike, error_a: ArrayLike, rate_b: ArrayLike, error_b: ArrayLike, correlation: ArrayLike = 0.0
) -> pd.DataFrame:
    """Compare rates, each with its standard error: a minus b, 95 % interval, two-sided p-value.

    Takes numbers, arrays or Series, row by row; the columns are difference, difference_low, difference_high, p_value,
    on the index of the first Series. By the normal approximation. A missing value gives a missing answer; where
    neither rate has an error above 0 there is nothing to judge by, and only the difference is given. Rates of other
    people are independent; where the same people are in both, `correlation` is that of the two estimates.

    >>> difference(0.5, 0.03, 0.4, 0.04).round(4)
       difference  difference_low  difference_high  p_value
    0         0.1           0.002            0.198   0.0455
    """
    inputs = (rate_a, error_a, rate_b, error_b, correlation)
    index = _shared_index(inputs)
    try:
        a, se_a, b, se_b, shared = np.broadcast_arrays(*(_floats(values) for values in inputs))
    except ValueError as cause:
        raise ArgumentError(f"rates and errors: give numbers, one each or as many of each ({cause})") from cause
    delta, error = a - b, np.sqrt(np.maximum(se_a**2 + se_b**2 - 2 * shared * se_a * se_b, 0))
    error = np.where(error > 0, error, np.nan)
    columns = {
        "difference": delta,
        "difference_low": delta - Z_95 * error,
        "difference_high": delta + Z_95 * error,
        "p_value": 2 * scipy.special.ndtr(-np.abs(delta) / error),
    }
    return pd.DataFrame(columns, index=index)


def difference_of_intervals(table: pd.DataFrame, rate: str = "rate") -> pd.DataFrame:
    """Compare rates as `difference` does, by their intervals (Newcombe 1998, method 10), so that 0 of 3 is not certain.

    `table` has `rate`_a, low_a, high_a, the same of b, and `correlation` (of people on both sides: Zou and Donner 2008).
    Each limit of the difference rests on the ends of the two intervals that point to it; the p-value on those that face
    each other.

    >>> sides = {"rate_a": [0.0], "low_a": [0.0], "high_a": [0.56], "rate_b": [0.5], "low_b": [0.4], "high_b": [0.6]}
    >>> told = difference_of_intervals(pd.DataFrame(sides | {"correlation": 0.0}))
    >>> told[["difference_low", "difference_high"]].round(2).to_numpy().tolist()
    [[-0.6, 0.07]]
    """
    columns = (f"{rate}_a", "low_a", "high_a", f"{rate}_b", "low_b", "high_b", "correlation")
    a, low_a, high_a, b, low_b, high_b, shared = (table[name].to_numpy(float) for name in columns)
    down, up = (a - low_a, high_b - b), (high_a - a, b - low_b)
    near = tuple(np.where(a > b, one, other) / Z_95 for one, other in zip(down, up, strict=True))
    compared = difference(a, near[0], b, near[1], shared)
    for end, sign, (of_a, of_b) in (("low", -1, down), ("high", 1, up)):
        width = np.sqrt(np.maximum(of_a**2 + of_b**2 - 2 * shared * of_a * of_b, 0))
        compared[f"difference_{end}"] = np.where(compared["p_value"].notna(), a - b + sign * width, np.nan)
    return compared


def adjusted(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values corrected for their number by Benjamini and Hochberg (1995); NaN stays NaN and does not count.

    >>> adjusted([0.01, 0.04, float("nan"), 0.03]).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    try:
        corrected = _floats(p_values).copy()
    except ValueError as error:
        raise ArgumentError(f"p_values: give numbers ({error})") from error
    is_known = ~np.isnan(corrected)
    if not ((corrected[is_known] >= 0) & (corrected[is_known] <= 1)).all():
        raise ArgumentError("p_values: a probability lies between 0 and 1")
    if is_known.any():
        corrected[is_known] = scipy.stats.false_discovery_control(corrected[is_known], method="bh")
    return corrected


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    """Return numbers as an array of one dimension; None and pandas' NA become NaN."""
    column = pd.to_numeric(pd.Series(np.atleast_1d(np.asarray(values))))
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _shared_index(inputs: tuple[ArrayLike, ...]) -> pd.Index | None:
    """Return the index which all Series among the inputs share, so that rows are never paired by accident."""
    found = [values.index for values in inputs if isinstance(values, pd.Series)]
    if any(not index.equals(found[0]) for index in found):
        raise ArgumentError("rates and errors: the Series have different indexes; bring them into the same rows first")
    return found[0] if found else None
