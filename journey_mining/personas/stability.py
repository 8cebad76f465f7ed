"""How many clusters there are: a number that other people drawn from the same crowd would show again."""

import warnings
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:  # loading it takes half a second, which only who asks for personas shall wait
    from sklearn.cluster import KMeans

Numbers = NDArray[np.float64]
N_HALVES, N_POINTS, TOLERANCE = 8, 4000, 0.02


def stabilities(points: Numbers, numbers: range, seed: int = 0) -> pd.DataFrame:
    """Return, per number of clusters, its stability and its separation.

    stability: how much clusterings of random halves agree, 1 wholly, 0 as by chance. Each half is clustered, all points
    go to its nearest centres, and every two of the eight clusterings are compared by the adjusted Rand index (Hubert
    and Arabie 1985). After Ben-Hur, Elisseeff and Guyon (2002). separation: the mean variance ratio between and within
    the clusters (Calinski and Harabasz 1974).
    """
    from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score

    points = points[:N_POINTS]
    random = np.random.default_rng(seed)
    halves = [random.permutation(len(points))[: (len(points) + 1) // 2] for _ in range(N_HALVES)]
    found = {}
    with threadpool_limits(1):
        for number in numbers:
            labels = [clustered(points[half], number, seed).predict(points) for half in halves]
            agreement = [adjusted_rand_score(one, other) for one, other in combinations(labels, 2)]
            # In a half all may be alike: then one cluster has everybody, and nothing is apart.
            apart = [calinski_harabasz_score(points, one) if len(set(one)) > 1 else 0.0 for one in labels]
            found[number] = (np.mean(agreement), np.mean(apart))
    return pd.DataFrame.from_dict(found, orient="index", columns=["stability", "separation"])


def chosen(found: pd.DataFrame) -> int:
    """Return the number with the best separation among those that are as stable as the most stable one, to 0.02.

    What is not stable is not there; but a number that is too small may be as stable as the right one (von Luxburg
    2010), and separation tells them apart.

    >>> chosen(pd.DataFrame({"stability": [0.99, 0.7, 1.0, 0.93], "separation": [80, 90, 200, 210]}, index=[2, 3, 4, 5]))
    4
    """
    stable = found[found["stability"] >= found["stability"].max() - TOLERANCE]
    return int(stable["separation"].idxmax())


def clustered(points: Numbers, number: int, seed: int = 0) -> "KMeans":
    """Return k-means (Lloyd 1982) from the best of five seeded starts (Arthur and Vassilvitskii 2007)."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(), threadpool_limits(1):  # in one thread sums have one order
        warnings.simplefilter("ignore", ConvergenceWarning)  # a half may have fewer different points than that
        return KMeans(number, n_init=5, random_state=seed).fit(points)
