"""Personas found in what people do: who behaves alike, how many such groups there are, and whether they are yesterday's."""

from datetime import timedelta
from numbers import Integral

import numpy as np
import pandas as pd

from journey_mining.errors import ArgumentError, require_columns
from journey_mining.personas.centres import MODEL, centres_of, numbered
from journey_mining.personas.features import KEY, Of, frequent, put_features, put_units, sample
from journey_mining.personas.names import kept, named, words
from journey_mining.prepared import By
from journey_mining.steps import Steps, opened

COLUMNS = [
    *("persona", "n_units", "share", "low", "high", "stability", "moved_share", "drift"),
    *(*KEY, "mean", "mean_of_others", "difference", "words", "weight", "centre"),
]


def clusters(
    steps: Steps,
    number: int | None = None,
    yesterday: pd.DataFrame | None = None,
    of: Of = "person",
    gap: str | timedelta = "30m",
    seed: int = 0,
    by: By | None = None,
) -> pd.DataFrame:
    """Find groups of people (or of journeys) that behave alike, by k-means; a group is a persona.

    A person is described by the shares of the 20 most frequent names among their visits, those of the 20 most frequent
    transitions, and by how many visits, sessions (that end with a silence longer than `gap`) and seconds within
    sessions there are. Kinds of features weigh alike (`features.weights`). The centres are found in up to 10,000
    people, drawn by a hash of their id; then everybody belongs to the nearest one. `number` of personas: by default, of
    2 to 8, of the most stable numbers the one that separates best (`stability.chosen`). Same steps and seed, same
    personas.

    One row per persona, largest first, and feature, the most telling first: persona (its name: what sets it most
    apart), n_units, share, low, high (95 %, clustered by person), stability (of this number of personas; below 0.6 or
    so there are none, only a crowd), kind ('name', 'transition', 'amount'), source, target, mean, mean_of_others,
    difference (of the means, in standard deviations of all), words; weight and centre say who belongs to it
    (`members`). Shares are from 0 to 1, amounts natural logarithms of 1 more. Open journeys count.

    With the table of `yesterday` a persona keeps its name where more than half of all members of either are the same
    people today, by yesterday's centres and by today's; moved_share is then the share of its members that
    yesterday's centres give to another, and drift how far its centre has moved, where 1 is the distance to its nearest
    neighbour of yesterday. Both are missing for a persona that is new. `attrs["sql"]` gives the sums they are made of.

    >>> steps = pd.DataFrame([(f"p{n}", m, "read" if n % 2 else "buy") for n in range(20) for m in range(1, 4)],
    ...                      columns=["person_id", "step_number", "event"])
    >>> steps = steps.assign(journey_id=steps["person_id"], occurred_at=pd.Timestamp("2024-05-01"))
    >>> clusters(steps, by="event").drop_duplicates("persona")[["persona", "n_units", "share", "stability"]]
                   persona  n_units  share  stability
    0  more read, less buy       10    0.5        1.0
    7  more buy, less read       10    0.5        1.0
    """
    if yesterday is not None:
        require_columns("yesterday", MODEL, yesterday.columns)
    if number is not None and not (isinstance(number, Integral) and 1 < number <= 100):
        raise ArgumentError(f"number: 2 to 100 personas, not {number}")
    with opened(steps, by) as analysis:
        put_units(analysis, of, gap)
        features = frequent(analysis)
        n_today = len(features)
        if yesterday is not None:
            features = pd.concat([features, yesterday[KEY]]).drop_duplicates(ignore_index=True)
        put_features(analysis, features)
        points = sample(analysis, len(features), seed)[:, :n_today]
        centres, stability = centres_of(points, features[:n_today], number, seed)
        before = numbered(yesterday, features, first_no=int(centres["persona_no"].max()) + 1)
        today = centres.assign(is_today=True)
        analysis.put(
            "centres", pd.concat([today, before.drop(columns="persona")], ignore_index=True) if len(before) else today
        )
        analysis.run("personas/assigned")
        overlaps = analysis.run("personas/overlaps").df()
        profiles = analysis.table("personas/profiles")
    found = _described(profiles, features).merge(centres, on=["persona_no", "feature_no"]).assign(stability=stability)
    told = _ordered(found.merge(kept(found, overlaps, before), on="persona_no"))
    told.attrs["sql"] = profiles.attrs["sql"]
    return told


def _described(profiles: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return the means of each persona's features beside those of all others."""
    table = profiles.merge(features.reset_index(names="feature_no"), on="feature_no")
    everyone = table.groupby("feature_no")[["n_units", "total", "total_squared"]].transform("sum")
    others = everyone["n_units"] - table["n_units"]
    variance = everyone["total_squared"] / everyone["n_units"] - (everyone["total"] / everyone["n_units"]) ** 2
    table["mean"] = table["total"] / table["n_units"]
    table["mean_of_others"] = (everyone["total"] - table["total"]) / others.where(others > 0)
    table["difference"] = (
        (table["mean"] - table["mean_of_others"]) / np.sqrt(variance.where(variance > 1e-12))
    ).fillna(0)
    return table.drop(columns=["total", "total_squared"])


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Return the personas named, the largest first, and what sets each apart, the most telling first."""
    names = found.drop_duplicates("persona_no").set_index("persona_no")["persona"].dropna().to_dict()
    is_new = found["persona"].isna()
    found["persona"] = found["persona_no"].map(names | named(found[is_new], taken=[*names.values()]))
    found["words"] = [words(*row) for row in found[[*KEY, "difference"]].itertuples(index=False)]
    found["size"] = found["difference"].abs()
    found = found.sort_values(["n_units", "persona_no", "size", "feature_no"], ascending=[False, True, False, True])
    return found[COLUMNS].reset_index(drop=True)
