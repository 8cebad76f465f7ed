"""Where two segments differ, step by step."""

import pandas as pd

from journey_mining.comparison import adjusted, difference
from journey_mining.errors import ArgumentError, require_columns

KEYS = ["part", "step", "name", "source", "target"]


def share_difference(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Compare two step matrices, or two tables of Sankey links: the share in the first minus that in the second.

    One row per cell or link that either has, 0 where one lacks it (missing where that has open journeys alone), by step
    and the largest difference first: the keys of the tables, n_journeys_first, n_journeys_second, share_first,
    share_second, difference, difference_low, difference_high (95 %), p_value, and p_adjusted, corrected over everything
    compared (Benjamini and Hochberg, 1995; `adjusted`). The errors of the shares are clustered by person; somebody with
    journeys in both is taken for two people. `attrs["sql"]` holds the scripts of the two tables, `attrs["order"]` the order
    of names of the first.

    Make both with the same arguments and `top=None`: `(other)` would mean other names in each.

    >>> columns = ["part", "step", "name", "n_journeys", "share", "share_error"]
    >>> mobile = pd.DataFrame([(1, 1, "cart", 40, 0.4, 0.05), (1, 1, "home", 60, 0.6, 0.05)], columns=columns)
    >>> desktop = pd.DataFrame([(1, 1, "cart", 90, 0.6, 0.04), (1, 1, "home", 60, 0.4, 0.04)], columns=columns)
    >>> share_difference(mobile, desktop)[["name", "difference", "p_adjusted"]].round(3)
       name  difference  p_adjusted
    0  cart        -0.2       0.002
    1  home         0.2       0.002
    """
    keys = [key for key in KEYS if key in first.columns]
    for table, which in ((first, "first"), (second, "second")):
        require_columns(which, [*keys, "n_journeys", "share", "share_error"], table.columns)
        if (table[[key for key in keys if key in ("name", "source", "target")]] == "(other)").any(axis=None):
            raise ArgumentError(f"{which}: it folds names into '(other)'; make both tables with top=None")
    both = _aligned(first, keys, "first").join(_aligned(second, keys, "second"), how="outer").reset_index()
    for table, which in ((first, "first"), (second, "second")):
        is_absent = both[f"n_journeys_{which}"].isna()
        none = 0.0 if table["share"].notna().any() else float("nan")
        both.loc[is_absent, [f"n_journeys_{which}", f"share_{which}", f"share_error_{which}"]] = [0, none, none]
    both = both.astype({"n_journeys_first": "int64", "n_journeys_second": "int64"})
    tested = difference(
        both["share_first"], both["share_error_first"], both["share_second"], both["share_error_second"]
    )
    found = both.drop(columns=["share_error_first", "share_error_second"]).join(tested)
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
    return table.set_index(keys)[["n_journeys", "share", "share_error"]].add_suffix(f"_{which}")
