"""The share converted by a time, when some are out of sight before, with an error that counts people."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from journey_mining.comparison import Z_95

MOST_POINTS = 200
"""A curve of more points looks no different."""
Numbers = NDArray[np.float64]


def kaplan_meier(times: pd.DataFrame, repeaters: pd.DataFrame) -> pd.DataFrame:
    """Return seconds, n_at_risk, converted_share, low and high of the curve of `conversion_curve`.

    `times` has n_entries per seconds and is_converted; `repeaters` one row per attempt of the clusters with several, in
    the order of cluster_no.
    """
    converted = times[times["is_converted"]]
    if converted.empty:
        return pd.DataFrame(columns=["seconds", "n_at_risk", "converted_share", "low", "high"], dtype=float)
    at, n = converted["seconds"].to_numpy(float), converted["n_entries"].to_numpy(float)
    left_at = times.groupby("seconds")["n_entries"].sum()
    n_entries = int(left_at.sum())
    before = np.searchsorted(left_at.index.to_numpy(float), at)
    at_risk = n_entries - np.concatenate([[0], left_at.cumsum().to_numpy()])[before]
    left = np.cumprod(1 - n / at_risk)
    drawn = np.unique(np.linspace(0, len(at) - 1, MOST_POINTS).round().astype(int))
    error = np.sqrt(_variances(at, n, at_risk, repeaters, n_entries, drawn))
    with np.errstate(divide="ignore", invalid="ignore"):
        # The limits of log(-log(share left)), turned back; all converted, or nobody to judge by: none.
        exponent = np.exp(Z_95 * error / np.log(left[drawn]))
        low, high = 1 - left[drawn] ** exponent, 1 - left[drawn] ** (1 / exponent)
    is_known = np.isfinite(error) & (left[drawn] > 0)
    return pd.DataFrame(
        {
            "seconds": at[drawn],
            "n_at_risk": at_risk[drawn].astype(int),
            "converted_share": 1 - left[drawn],
            "low": np.where(is_known, low, np.nan),
            "high": np.where(is_known, high, np.nan),
        }
    )


def _variances(
    at: Numbers, n: Numbers, at_risk: Numbers, repeaters: pd.DataFrame, n_entries: int, drawn: NDArray[np.int64]
) -> Numbers:
    """Return the variance of the log of the share left at the drawn times.

    An attempt pushes it by 1 / (at risk less converted) when it is converted, less the sum of n / (at risk * (at risk less
    converted)) over all times until it is out of the sample. The squares of these pushes sum to Greenwood's variance;
    those of a person's pushes together to the one clustered by person. The ratio of the two, each as of a sample, is
    the design effect; 1 where nothing pushes.
    """
    with np.errstate(divide="ignore"):
        push = 1 / (at_risk - n)
        greenwood = np.cumsum(n / at_risk * push)
    cluster_no = repeaters["cluster_no"].to_numpy()
    starts = np.flatnonzero(np.diff(cluster_no, prepend=np.nan) != 0)
    n_clusters = n_entries - len(cluster_no) + len(starts)
    if n_clusters < 2:
        return np.full(len(drawn), np.nan)
    if not len(starts):
        return np.asarray(greenwood[drawn])
    last = np.searchsorted(at, repeaters["seconds"].to_numpy(float), side="right") - 1
    is_converted = repeaters["is_converted"].to_numpy(bool)
    summed = np.concatenate([greenwood, [0.0]])  # The last one, at -1, is of those who left before anybody converted.
    own = np.where(is_converted, push[last], 0.0)
    variances = []
    for place in drawn:
        with np.errstate(invalid="ignore"):
            pushed = np.where(last <= place, own, 0.0) - summed[np.minimum(last, place)]
        together = np.add.reduceat(pushed, starts)
        variances.append(greenwood[place] + (together**2).sum() - (pushed**2).sum())
    clustered = np.array(variances) * n_clusters / (n_clusters - 1) * (n_entries - 1) / n_entries
    return np.where(clustered > 1e-12 * greenwood[drawn], clustered, greenwood[drawn])
