"""What is known of what people do, as numbers: shares of names and of transitions, and how much there is of it."""

from datetime import timedelta
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from journey_mining.durations import duration
from journey_mining.errors import ArgumentError, unknown_name
from journey_mining.steps import Opened

Of = Literal["person", "journey"]
Numbers = NDArray[np.float64]
KEY = ["kind", "source", "target"]
AMOUNTS = ("visits", "sessions", "seconds")
N_NAMES, N_TRANSITIONS, N_SAMPLE = 20, 20, 10_000


def put_units(analysis: Opened, of: Of, gap: str | timedelta) -> None:
    """Make the tables `moves` and `units` (units.sql)."""
    if of not in ("person", "journey"):
        raise ArgumentError(f"of: {unknown_name('unit', str(of), ('person', 'journey'))}")
    analysis.run("personas/units", {"of": of, "gap_seconds": duration(gap).total_seconds()})


def frequent(analysis: Opened) -> pd.DataFrame:
    """Return the features that describe units: the most frequent names and transitions, and the amounts."""
    found = analysis.table("personas/frequent", {"n_names": N_NAMES, "n_transitions": N_TRANSITIONS})
    amounts = pd.DataFrame({"kind": "amount", "source": "", "target": AMOUNTS})
    return pd.concat([found, amounts], ignore_index=True)[KEY]


def put_features(analysis: Opened, features: pd.DataFrame) -> None:
    """Measure the features, numbered by their rows, of all units (measured.sql)."""
    analysis.put("features", features[KEY].reset_index(names="feature_no"))
    analysis.run("personas/measured")


def sample(analysis: Opened, n_features: int, seed: int) -> Numbers:
    """Return the features of some units, a row each."""
    drawn = analysis.run("personas/sample", {"seed": seed, "n_units": N_SAMPLE}).df()
    points = np.zeros((int(drawn["place"].max()) + 1 if len(drawn) else 0, n_features))
    points[drawn["place"], drawn["feature_no"]] = drawn["value"]
    return points


def weights(points: Numbers, kinds: pd.Series) -> Numbers:
    """Return what each feature is multiplied by, so that the kinds of features weigh alike.

    Amounts are measured in their standard deviations, shares as they are; then a kind is divided by the standard
    deviation along its first principal axis, as in multiple factor analysis (Escofier and Pages 1994): no kind alone
    decides, and one of many independent features may tell more than one that says the same thing often.

    >>> points = np.array([[0.0, 10.0], [1.0, 30.0]])
    >>> weights(points, pd.Series(["name", "amount"])).tolist()
    [2.0, 0.1]
    """
    spread = points.std(axis=0)
    spread[spread < 1e-9] = 0  # what all have alike
    own = np.where(spread > 0, 1.0, 0.0)
    is_amount = (kinds == "amount").to_numpy()
    own[is_amount] = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)[is_amount]
    for kind in kinds.unique():
        here = (kinds == kind).to_numpy()
        block = points[:, here] * own[here]
        first = np.linalg.eigvalsh(np.atleast_2d(np.cov(block, rowvar=False, bias=True)))[-1]
        own[here] /= np.sqrt(first) if first > 1e-12 else 1
    return np.asarray(np.round(own, 9), np.float64)
