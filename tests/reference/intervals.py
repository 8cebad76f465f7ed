"""Clustered errors and Wilson intervals, spelled out."""

from collections import defaultdict
from collections.abc import Iterable
from math import comb, sqrt

Z = 1.959963984540054

Units = Iterable[tuple[str, float]]
"""One pair per unit: whose it is, and its value (1 or 0 for a rate)."""


def ratio_and_error(units: Units) -> tuple[float, float | None]:
    """Tell R = sum of values / number of units, and sqrt(P/(P-1) * sum((x_p - R*n_p)^2) / N^2) over the P people.

    >>> ratio_and_error([("ann", 1), ("ann", 0), ("bob", 1)])
    (0.6666666666666666, 0.2222222222222222)
    """
    values: dict[str, list[float]] = defaultdict(list)
    for person, value in units:
        values[person].append(value)
    people, n = len(values), sum(map(len, values.values()))
    ratio = sum(map(sum, values.values())) / n
    if people < 2:
        return ratio, None
    spread = sum((sum(own) - ratio * len(own)) ** 2 for own in values.values())
    return ratio, sqrt(people / (people - 1) * spread / n**2)


def rate_interval(units: Units) -> tuple[float | None, float | None]:
    """Tell Wilson's 95 % interval on n_eff = R(1-R)/var, or on n when R is 0 or 1.

    Where every person has the same share there is no spread to learn from, and n stands in as well.
    """
    units = list(units)
    ratio, error = ratio_and_error(units)
    if error is None:
        return None, None
    return wilson(ratio, ratio * (1 - ratio) / error**2 if error > 1e-9 and 0 < ratio < 1 else len(units))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Tell Wilson's 95 % interval of a share of n.

    >>> [round(bound, 4) for bound in wilson(0.5, 10)]
    [0.2366, 0.7634]
    """
    middle = share + Z**2 / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, (middle - half) / (1 + Z**2 / n)), min(1.0, (middle + half) / (1 + Z**2 / n))


def median_coverage(n: int, low: int, high: int) -> float:
    """Tell how surely the low-th and high-th smallest of n values (from 1) enclose their median.

    >>> median_coverage(6, 1, 6)
    0.96875
    """
    return sum(comb(n, k) for k in range(low, high)) / 2**n
