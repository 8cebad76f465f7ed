"""Where two segments differ, step by step."""

import pandas as pd

from journey_mining.comparison import Z_95, adjusted, difference_of_intervals
from journey_mining.errors import ArgumentError, require_columns

KEYS = ["part", "step", "name", "source", "target"]
TOLD = ["n_journeys", "share", "share_low", "share_high"]


def share_difference(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Compare two step matrices, or two tables of Sankey links: the share in the first minus that in the second.

    One row per cell or link that either has, 0 where one lacks it (missing where that has open journeys alone), by step
    and the largest difference first: the keys of the tables, n_journeys_first, n_journeys_second, share_first,
    share_second, difference, difference_low, difference_high (95 %), p_value, and p_adjusted, corrected over everything
    compared (Benjamini and Hochberg, 1995; `adjusted`). By the intervals of the shares, clustered by person, so that 0
    of 3 is not certain (Newcombe 1998, method 10); somebody with journeys in both is taken for two people.
    `attrs["sql"]` holds the scripts of the two tables, `attrs["order"]` the order of names of the first.

    Make both with the same arguments and `top=None`: `(other)` would mean other names in each.

    >>> columns = ["part", "step", "name", "n_journeys", "share", "share_low", "share_high"]
    >>> mobile = pd.DataFrame([(1, 1, "cart", 40, 0.4, 0.31, 0.5), (1, 1, "home", 60, 0.6, 0.5, 0.69)], columns=columns)
    >>> desktop = pd.DataFrame([(1, 1, "cart", 90, 0.6, 0.52, 0.68), (1, 1, "home", 60, 0.4, 0.32, 0.48)], columns=columns)
    >>> share_difference(mobile, desktop)[["name", "difference", "p_adjusted"]].round(3)
       name  difference  p_adjusted
    0  cart        -0.2       0.002
    1  home         0.2       0.002
    """
    keys = [key for key in KEYS if key in first.columns]
    for table, which in ((first, "first"), (second, "second")):
        require_columns(which, [*keys, *TOLD], table.columns)
        if (table[[key for key in keys if key in ("name", "source", "target")]] == "(other)").any(axis=None):
            raise ArgumentError(f"{which}: it folds names into '(other)'; make both tables with top=None")
    both = _aligned(first, keys, "first").join(_aligned(second, keys, "second"), how="outer").reset_index()
    for table, which in ((first, "first"), (second, "second")):
        is_absent = both[f"n_journeys_{which}"].isna()
        both.loc[is_absent, [f"{column}_{which}" for column in TOLD]] = [0, *_none_of_all(table)]
    both = both.astype({"n_journeys_first": "int64", "n_journeys_second": "int64"})
    limits = [f"share_{end}_{which}" for which in ("first", "second") for end in ("low", "high")]
    sides = both[["share_first", "share_second", *limits]].set_axis(
        ["share_a", "share_b", "low_a", "high_a", "low_b", "high_b"], axis=1
    )
    found = both.drop(columns=limits).join(difference_of_intervals(sides.assign(correlation=0.0), "share"))
    found["p_adjusted"] = adjusted(found["p_value"])
    order = found.assign(size=-found["difference"].abs()).sort_values(
        [*(key for key in ("part", "step") if key in keys), "size", *keys], kind="stable"
    )
    found = found.loc[order.index].reset_index(drop=True)
    if "sql" in first.attrs and "sql" in second.attrs:
        found.attrs["sql"] = f"-- The first:\n{first.attrs['sql']}\n\n-- The second:\n{second.attrs['sql']}"
    if "order" in first.attrs:
        found.attrs["order"] = first.attrs["order"]
    return found


def _aligned(table: pd.DataFrame, keys: list[str], which: str) -> pd.DataFrame:
    return table.set_index(keys)[TOLD].add_suffix(f"_{which}")


def _none_of_all(table: pd.DataFrame) -> tuple[float, float, float]:
    """Return the share of what no mature journey of a table has, 0, with Wilson's limits; missing where there are none."""
    largest = table[table["share"] > 0].nlargest(1, "share")
    if largest.empty:
        return float("nan"), float("nan"), float("nan")
    n_all = float((largest["n_journeys"] / largest["share"]).iloc[0])
    return 0.0, 0.0, Z_95**2 / (n_all + Z_95**2)
