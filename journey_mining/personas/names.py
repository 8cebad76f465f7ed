"""What a persona is called: by what sets it apart, and as it was yesterday if it is the same."""

from collections.abc import Sequence
from itertools import chain, count

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

AMOUNTS = {
    "visits": ("does much", "does little"),
    "sessions": ("comes often", "comes rarely"),
    "seconds": ("stays long", "stays briefly"),
}
SMALL = 0.2
"""Cohen (1988): a smaller difference, in standard deviations, is none to speak of."""


def words(kind: str, source: str, target: str, difference: float) -> str:
    """Return what a feature that differs from the others' says of a persona.

    >>> words("name", "", "cart", 1.2), words("transition", "cart", "help", -0.4), words("amount", "", "sessions", 2)
    ('more cart', 'less cart → help', 'comes often')
    """
    if kind == "amount":
        return AMOUNTS[target][0 if difference > 0 else 1]
    what = target if kind == "name" else f"{source} → {target}"
    return f"{'more' if difference > 0 else 'less'} {what}"


def named(profiles: pd.DataFrame, taken: Sequence[str] = ()) -> dict[int, str]:
    """Return a name per persona_no: its two largest differences, or more of them, or a number, where that is taken.

    What was said of a name is not said again of its transitions, nor the other way round.
    """
    names: dict[int, str] = {}
    telling = profiles[profiles["difference"].abs() >= SMALL]
    telling = telling.assign(size=-telling["difference"].abs().round(9), is_less=telling["difference"] < 0)
    telling = telling.sort_values(["size", "kind", "is_less", "feature_no"])
    for number in sorted(profiles["persona_no"].unique()):
        said, mentioned = [], set[str]()
        own = telling.loc[telling["persona_no"] == number, ["kind", "source", "target", "difference"]]
        for kind, source, target, difference in own.itertuples(index=False):
            about = {target, source or target} if kind != "amount" else {f"({target})"}
            if not about & mentioned:
                said.append(words(kind, source, target, difference))
                mentioned |= about
        first = ", ".join(said[:2]) or "like everybody"
        longer = (", ".join(said[:n]) for n in range(3, len(said) + 1))
        offers = chain([first], longer, (f"{first} ({n})" for n in count(2)))
        names[int(number)] = next(offer for offer in offers if offer not in {*taken, *names.values()})
    return names


def matched(overlaps: NDArray[np.int64]) -> dict[int, int]:
    """Return the persona of before (row) for each of today (column) that is the same, by the members they share.

    The pairs with the most shared members in all (Kuhn 1955); of these the ones that share more than half of all their
    members: with less, the old one has dissolved (Hennig 2007).

    >>> matched(np.array([[90, 10, 0], [5, 60, 70]]))
    {0: 0, 2: 1}
    """
    pairs = zip(*scipy.optimize.linear_sum_assignment(overlaps, maximize=True), strict=True)
    before, today = overlaps.sum(axis=1), overlaps.sum(axis=0)
    return {
        int(new): int(old)
        for old, new in pairs
        if overlaps[old, new] > (before[old] + today[new] - overlaps[old, new]) / 2
    }


def kept(found: pd.DataFrame, overlaps: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return, per persona_no of today, its persona of before, moved_share and drift; missing where it is new.

    `found` has persona_no, n_units, feature_no, weight and centre of today; `before` those of before, by their names.
    """
    numbers = sorted(found["persona_no"].unique())
    rows = {number: (None, np.nan, np.nan) for number in numbers}
    if len(before):
        names = before.drop_duplicates("persona_no").set_index("persona_no")["persona"]
        shared = overlaps.pivot(index="before_no", columns="persona_no", values="n_units")
        counts = shared.reindex(index=names.index, columns=numbers).fillna(0).to_numpy(np.int64)
        distances = _distances(found, before)
        for new, old in matched(counts).items():
            moved_share = 1 - counts[old, new] / counts[:, new].sum()
            rows[numbers[new]] = (names.iloc[old], moved_share, distances[old, new])
    columns = ["persona", "moved_share", "drift"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("persona_no").reset_index()


def _distances(found: pd.DataFrame, before: pd.DataFrame) -> NDArray[np.float64]:
    """Return how far each centre of before (row) is from each of today, as a share of the way to its nearest neighbour.

    Over the features that both have, as they weigh today.
    """
    here, there = (table.pivot(index="persona_no", columns="feature_no", values="centre") for table in (found, before))
    common = here.columns.intersection(there.columns)
    weight = found.drop_duplicates("feature_no").set_index("feature_no")["weight"][common].to_numpy(float)
    here_at, there_at = here[common].to_numpy(float) * weight, there[common].to_numpy(float) * weight
    between = scipy.spatial.distance.cdist(there_at, there_at)
    np.fill_diagonal(between, np.inf)
    return np.asarray(scipy.spatial.distance.cdist(there_at, here_at) / between.min(axis=1, keepdims=True))
