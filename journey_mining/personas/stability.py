"""How many clusters there are: the number that other people drawn from the same crowd would show again."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

Numbers = NDArray[np.float64]
N_HALVES, N_POINTS, TOLERANCE = 8, 4000, 0.02


def stabilities(points: Numbers, numbers: range, seed: int = 0) -> pd.Series:
    """Return, per number of clusters, how much clusterings of random halves agree: 1 wholly, 0 as by chance.

    Each half is clustered, all points go to its nearest centres, and every two of the eight clusterings are compared
    by the adjusted Rand index (Hubert and Arabie 1985). After Ben-Hur, Elisseeff and Guyon (2002); von Luxburg (2010)
    tells when to trust it: a number that is too large cannot be stable, one that is too small may well be.
    """
    points = points[:N_POINTS]
    random = np.random.default_rng(seed)
    halves = [random.permutation(len(points))[: (len(points) + 1) // 2] for _ in range(N_HALVES)]
    found = {}
    for number in numbers:
        labels = [clustered(points[half], number, seed).predict(points) for half in halves]
        found[number] = float(np.mean([adjusted_rand_score(one, other) for one, other in combinations(labels, 2)]))
    return pd.Series(found, dtype=float)


def chosen(found: pd.Series) -> int:
    """Return the largest number that is as stable as the most stable one, to 0.02.

    >>> chosen(pd.Series({2: 0.99, 3: 0.70, 4: 1.00, 5: 0.93}))
    4
    """
    return int(found.index[found >= found.max() - TOLERANCE].max())


def clustered(points: Numbers, number: int, seed: int = 0) -> KMeans:
    """Return k-means (Lloyd 1982) from the best of five seeded starts (Arthur and Vassilvitskii 2007)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a half may have fewer different points than that
        return KMeans(number, n_init=5, random_state=seed).fit(points)
