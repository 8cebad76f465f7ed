"""The centres of personas: where k-means finds them, and as a table that another day can be measured by."""

import numpy as np
import pandas as pd

from journey_mining.errors import StepsError
from journey_mining.personas.features import KEY, Numbers, weights
from journey_mining.personas.stability import chosen, clustered, stabilities

MOST = 8
"""Personas, where nobody says how many."""
MODEL = ["persona", *KEY, "weight", "centre"]
"""What a table of personas needs to tell whose persona is which."""


def centres_of(points: Numbers, features: pd.DataFrame, number: int | None, seed: int) -> tuple[pd.DataFrame, float]:
    """Return the centre of each persona, a row per feature, and how stable their number is."""
    n_different = len(np.unique(points, axis=0))
    n_most = min(MOST, len(points) // 5, n_different) if number is None else number
    if len(points) < 2 * n_most or n_different < n_most or n_most < 2:
        told = f"{len(points)} units, {n_different} of them different, are too few"
        raise StepsError(f"steps: {told} for personas; ten units, and two for each persona, are the least")
    weight = weights(points, features["kind"])
    scaled = points * weight
    found = stabilities(scaled, range(2, n_most + 1) if number is None else range(number, number + 1), seed)
    best = chosen(found)
    centres = clustered(scaled, best, seed).cluster_centers_
    place, feature = np.indices(centres.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.where(weight > 0, centres / weight, 0)
    columns = {
        "persona_no": place,
        "feature_no": feature,
        "weight": np.broadcast_to(weight, centres.shape),
        "centre": centre,
    }
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}), float(found["stability"][best])


def numbered(personas: pd.DataFrame | None, features: pd.DataFrame, first_no: int) -> pd.DataFrame:
    """Return the centres of a table of personas by number, beside the persona's name."""
    columns = ["persona_no", "feature_no", "weight", "centre", "persona"]
    if personas is None:
        return pd.DataFrame(columns=columns)
    names = list(dict.fromkeys(personas["persona"]))
    found = personas[MODEL].merge(features.reset_index(names="feature_no"), on=KEY)
    found["persona_no"] = found["persona"].map({name: first_no + place for place, name in enumerate(names)})
    return found[columns].assign(is_today=first_no == 0)
