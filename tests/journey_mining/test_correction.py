"""Whoever asks many questions at once is answered by p-values that know it: Benjamini and Hochberg's, as by scipy."""

import random

import numpy as np
import pandas as pd
import pytest
import scipy

import journey_mining as jm
from tests.journey_mining.drawn import steps_of


@pytest.fixture(scope="module")
def steps() -> pd.DataFrame:
    """400 people who look, maybe at help, and maybe buy; those on phones and those with help buy less."""
    source, rows = random.Random(5), []
    for n in range(400):
        device, asks, compares = source.choice("md"), source.random() < 0.4, source.random() < 0.5
        buys = source.random() < 0.5 - 0.15 * asks - 0.15 * (device == "m")
        stages = ["look", *["help"] * asks, *["list"] * compares, "cart", *["buy"] * buys]
        outcome = "succeeded" if buys else "dropped"
        rows += [f"{n} | {n} | {stage} | {device} | {outcome} | 2024-05-01 09:0{k}" for k, stage in enumerate(stages)]
    return steps_of("journey_id | person_id | stage | device | outcome | occurred_at\n" + "\n".join(rows))


ASKED = {
    "compare": lambda steps: jm.compare(steps, "device", "m"),
    "transition_diff": lambda steps: jm.transition_diff(steps, "device", "m"),
    "conversion_drivers": lambda steps: jm.conversion_drivers(steps, ["look", "buy"]),
    "discriminative_sequences": lambda steps: jm.discriminative_sequences(steps),
    "share_difference": lambda steps: jm.share_difference(
        *(jm.step_matrix(steps[steps["device"] == device], top=None) for device in "md")
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_p_values_are_corrected_for_all_rows_of_their_table(name, steps):
    table = ASKED[name](steps)
    known = table["p_value"].notna()
    asked = table["p_value"][known].to_numpy(float)
    corrected = table["p_adjusted"][known].to_numpy(float)
    assert corrected == pytest.approx(scipy.stats.false_discovery_control(asked, method="bh"))
    assert table["p_adjusted"][~known].isna().all()
    # A table of one row, or of equal p-values, would show nothing.
    assert len(asked) > 2
    assert np.max(corrected - asked) > 0.01
