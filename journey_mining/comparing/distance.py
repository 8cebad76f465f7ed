"""How far apart two groups are in what they do, and how far apart they would be by chance."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from journey_mining.comparing.segments import REST, put_dates, put_segments
from journey_mining.errors import ArgumentError, require_whole
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened

N_GROUPS, N_NAMES, N_PAIRS, N_DRAWS = 400, 2000, 200, 999
Numbers = NDArray[np.float64]


def distance(
    steps: Steps,
    column: str | None = None,
    a: object = None,
    b: object = REST,
    by: By | None = None,
    seed: int = 0,
    *,
    at: str | date | None = None,
    zone: str | None = None,
) -> pd.DataFrame:
    """Return how differently two segments (see `compare`) behave: 0 where all shares are equal, 1 where nothing is shared.

    The segments are those of a column and its values, as of `compare`; or, with `at`, the journeys that began then or
    later (a) and those that began before (b), as of `before_and_after`.

    One row for the names visited and one for the transitions, `(start)` included; beyond the 2,000 most frequent names
    and the 200 most frequent transitions the rare ones are one: of, n_a, n_b
    (how many were counted, in mature journeys), distance (Jensen and Shannon, the root of their divergence to base 2:
    Endres and Schindelin 2003), chance_median and chance_high (the median and the 95th percentile of the distance
    between random groups of the same people, as large as these), p_value (of a distance at least so large by chance:
    999 draws of whole people, in 400 random groups). Few people are far apart by chance alone: judge the distance by
    chance_high. Chance is missing where a segment is too small to draw its like, the distance too where one has no
    mature journeys. `attrs["sql"]` gives the counts, `attrs["segments"]` says what a and b are.

    >>> steps = pd.DataFrame({
    ...     "journey_id": list("aabb"), "person_id": list("aabb"), "step_number": [1, 2, 1, 2], "device": list("mmdd"),
    ...     "occurred_at": pd.to_datetime(["2024-05-01"] * 4), "stage": ["search", "buy", "search", "search"],
    ...     "touchpoint": ["list", "pay", "list", "item"]})
    >>> distance(steps, "device", "m", by="touchpoint")[["of", "n_a", "n_b", "distance"]].round(3)
                of  n_a  n_b  distance
    0        names    2    2     0.707
    1  transitions    2    2     0.707

    See also: `compare`, which tells what differs.
    """
    if (column is None) == (at is None) or (column is None) != (a is None):
        raise ArgumentError("distance: give a column and a value of it, or at=, the date that parts before and after")
    require_whole(0, seed=seed)
    with opened(steps, by, needs=() if column is None else (column,)) as analysis:
        segments = put_segments(analysis, str(column), a, b) if at is None else put_dates(analysis, at, zone)
        limits = {"n_groups": N_GROUPS, "n_names": N_NAMES, "n_pairs": N_PAIRS, "seed": seed}
        counts = analysis.table("comparing/behaviour", limits)
    rows = [
        {"of": of} | _distance(_table(counts[counts["of"] == of], list(keys)), seed)
        for of, keys in (("names", ("target",)), ("transitions", ("source", "target")))
    ]
    found = pd.DataFrame(rows)
    found.attrs = counts.attrs | {"segments": segments}
    return found


def _table(counts: pd.DataFrame, keys: list[str]) -> Numbers:
    """Return counts by segment (b, a), group of people, and what they did."""
    if counts.empty:
        return np.zeros((2, 1, 1))
    wide = counts.pivot_table("n_moves", ["is_a", "group_no"], keys, "sum", fill_value=0)
    groups = sorted(set(counts["group_no"]))
    index = pd.MultiIndex.from_product([[False, True], groups], names=["is_a", "group_no"])
    return wide.reindex(index, fill_value=0).to_numpy(float).reshape(2, len(groups), -1)


def _distance(counts: Numbers, seed: int) -> dict[str, Any]:
    """Compare two segments, and random groups of their people that are as large."""
    own_b, own_a = counts.sum(axis=1)
    found = float(scipy.spatial.distance.jensenshannon(own_a, own_b, base=2)) if own_a.any() and own_b.any() else np.nan
    told = {"n_a": int(own_a.sum()), "n_b": int(own_b.sum()), "distance": found}
    everyone = counts.sum(axis=0)
    n_groups = len(everyone)
    n_drawn = round(n_groups * told["n_a"] / max(told["n_a"] + told["n_b"], 1))
    if not 0 < n_drawn < n_groups or np.isnan(found):
        return told | {"chance_median": np.nan, "chance_high": np.nan, "p_value": np.nan}
    random, total = np.random.default_rng(seed), everyone.sum(axis=0)
    drawn = [everyone[random.permutation(n_groups)[:n_drawn]].sum(axis=0) for _ in range(N_DRAWS)]
    by_chance = np.array([scipy.spatial.distance.jensenshannon(one, total - one, base=2) for one in drawn])
    return told | {
        "chance_median": float(np.median(by_chance)),
        "chance_high": float(np.quantile(by_chance, 0.95)),
        "p_value": float((1 + (by_chance >= found - 1e-12).sum()) / (1 + N_DRAWS)),
    }
