"""Drop-off: the share of the journeys that came to a stage and dropped out there, with its clustered interval."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, norm

from journey_mining import StepsError, dropoff
from tests.journey_mining.drawn import assert_shows, steps_of


def one_stage(outcomes_by_person: dict[str, str]) -> pd.DataFrame:
    """Journeys of one step: 's' succeeded, 'd' dropped, per person."""
    rows = [
        {"journey_id": f"{person} {number}", "person_id": person, "stage": "cart", "step_number": 1}
        | {"outcome": {"s": "succeeded", "d": "dropped"}[letter], "occurred_at": pd.Timestamp("2024-05-01")}
        for person, letters in outcomes_by_person.items()
        for number, letter in enumerate(letters)
    ]
    return pd.DataFrame(rows)


def test_a_journey_counts_once_per_stage_however_often_it_returned_and_exits_are_per_visit():
    steps = steps_of("""
        journey_id | person_id | stage  | outcome
        -----------+-----------+--------+----------
        a          | ann       | search | dropped
        a          | ann       | cart   | dropped
        a          | ann       | search | dropped
        a          | ann       | search | dropped
        b          | bob       | search | succeeded
        b          | bob       | cart   | succeeded
        c          | cid       | search | active
        d          | dan       | search | open
        d          | dan       | pay    | open
    """)
    assert_shows(
        dropoff(steps),
        """
        stage  | n_journeys | n_people | n_dropped | dropoff_rate | n_visits | exit_share | n_open
        -------+------------+----------+-----------+--------------+----------+------------+-------
        search | 3          | 3        | 1         | 1 / 3        | 4        | 1 / 4      | 1
        cart   | 2          | 2        | 0         | 0            | 2        | 0          | 0
        pay    | 0          | 0        | 0         |              | 0        |            | 1
        """,
    )


def test_the_error_counts_people_not_journeys():
    """R = 3/5; ann 3 of 4 is 0.6 above, bob 0 of 1 is 0.6 below: sqrt(2/1 * (0.36 + 0.36)) / 5."""
    found = dropoff(one_stage({"ann": "ddds", "bob": "s"}))
    assert_shows(found, "dropoff_rate | n_people | dropoff_error\n3 / 5 | 2 | (2 * (0.6 * 0.6 * 2)) ** 0.5 / 5")


def test_with_one_journey_per_person_the_error_is_the_binomial_one_over_n_minus_1():
    found = dropoff(one_stage({f"p{k}": "d" if k < 3 else "s" for k in range(10)}))
    assert found["dropoff_error"].item() == pytest.approx(sqrt(0.3 * 0.7 / 9), rel=1e-12)


def test_one_person_alone_has_a_rate_but_no_interval():
    assert_shows(
        dropoff(one_stage({"ann": "ddds"})),
        "dropoff_rate | dropoff_low | dropoff_high | dropoff_error\n3 / 4 | | |",
    )


@pytest.mark.parametrize(("outcome", "n_dropped"), [("s", 0), ("d", 7)])
def test_a_rate_of_0_or_1_has_wilson_s_interval_of_its_journeys(outcome, n_dropped):
    found = dropoff(one_stage({"ann": outcome * 4, "bob": outcome * 3})).iloc[0]
    wilson = binomtest(n_dropped, 7).proportion_ci(method="wilson")
    assert (found["dropoff_low"], found["dropoff_high"]) == pytest.approx(wilson, abs=1e-12)
    assert found["dropoff_error"] == 0


def test_an_interval_never_leaves_0_to_1_nor_its_rate_by_a_rounding_error():
    alike = [
        one_stage({f"{n}{letter}{k}": letter for k in range(n)}).assign(stage=f"{n} times {letter}")
        for n in range(2, 40)
        for letter in "sd"
    ]
    found = dropoff(pd.concat(alike))
    assert len(found) == 76
    assert found["dropoff_low"].between(0, found["dropoff_rate"]).all()
    assert found["dropoff_high"].between(found["dropoff_rate"], 1).all()


def test_where_all_people_are_alike_the_interval_is_that_of_the_journeys_and_not_empty():
    found = dropoff(one_stage({"ann": "ds", "bob": "ds"})).iloc[0]
    wilson = binomtest(2, 4).proportion_ci(method="wilson")
    assert (found["dropoff_low"], found["dropoff_high"]) == pytest.approx(wilson, abs=1e-12)


def test_the_limits_are_the_rates_that_lie_just_z_of_their_own_errors_away():
    """What defines a score interval: |R - limit| = z * sqrt(limit * (1 - limit) / n_eff)."""
    found = dropoff(one_stage({"ann": "ddds", "bob": "s", "cid": "dss", "dan": "sss"})).iloc[0]
    rate = found["dropoff_rate"]
    n_eff = rate * (1 - rate) / found["dropoff_error"] ** 2
    for limit in (found["dropoff_low"], found["dropoff_high"]):
        assert abs(rate - limit) == pytest.approx(norm.ppf(0.975) * sqrt(limit * (1 - limit) / n_eff), rel=1e-9)


def test_journeys_without_a_person_are_clusters_of_their_own():
    apart = one_stage({f"p{k}": "d" if k < 3 else "s" for k in range(10)})
    nobody = dropoff(apart.assign(person_id=None)).iloc[0]
    assert nobody["n_people"] == 0
    assert nobody["dropoff_error"] == dropoff(apart).iloc[0]["dropoff_error"]


def test_a_person_whose_id_looks_like_a_journey_s_stays_another_cluster():
    steps = steps_of("""
        journey_id | person_id | stage | outcome
        -----------+-----------+-------+--------
        x          |           | cart  | dropped
        y          | journey x | cart  | active
    """)
    assert_shows(dropoff(steps), "dropoff_rate | dropoff_error\n1 / 2 | 1 / 2")


def test_by_touchpoint_the_column_is_called_so_and_every_step_is_a_visit():
    steps = one_stage({"ann": "d", "bob": "s"}).assign(touchpoint="basket")
    again = steps.assign(step_number=2)
    assert_shows(
        dropoff(pd.concat([steps, again]), by="touchpoint"),
        "touchpoint | n_journeys | n_dropped | n_visits | exit_share\nbasket | 2 | 1 | 4 | 1 / 4",
    )


def test_without_outcomes_there_is_no_drop_off():
    with pytest.raises(StepsError, match="needs the column 'outcome'"):
        dropoff(one_stage({"ann": "d"}).drop(columns="outcome"))


def simulated(rng: np.random.Generator, n_samples: int, n_people: int) -> pd.DataFrame:
    """Many samples, one stage each, of people with 1 to 6 journeys and a taste of their own; true rate 0.3."""
    size = rng.integers(1, 7, (n_samples, n_people))
    taste = rng.beta(0.6, 1.4, (n_samples, n_people))
    sample, person = (np.repeat(axis.ravel(), size.ravel()) for axis in np.indices(size.shape))
    dropped = rng.random(size.sum()) < np.repeat(taste.ravel(), size.ravel())
    number = np.arange(len(sample)).astype(str)
    return pd.DataFrame(
        {"journey_id": number, "person_id": np.char.add(sample.astype(str), np.char.add("/", person.astype(str)))}
        | {"step_number": 1, "occurred_at": pd.Timestamp("2024-05-01"), "stage": sample.astype(str)}
        | {"outcome": np.where(dropped, "dropped", "succeeded")}
    )


def test_the_interval_holds_the_true_rate_95_times_in_100_where_binomial_ones_hold_it_far_less():
    found = dropoff(simulated(np.random.default_rng(7), n_samples=1000, n_people=80))
    is_held = (found["dropoff_low"] <= 0.3) & (found["dropoff_high"] >= 0.3)
    assert len(found) == 1000
    assert 0.93 <= is_held.mean() <= 0.97
    naive = 1.96 * np.sqrt(found["dropoff_rate"] * (1 - found["dropoff_rate"]) / found["n_journeys"])
    assert ((found["dropoff_rate"] - 0.3).abs() <= naive).mean() < 0.88


def test_the_error_is_that_of_a_bootstrap_over_people():
    rng = np.random.default_rng(11)
    steps = simulated(rng, n_samples=1, n_people=400)
    per_person = steps.assign(hit=steps["outcome"] == "dropped").groupby("person_id")["hit"].agg(["sum", "count"])
    drawn = rng.integers(0, len(per_person), (4000, len(per_person)))
    rates = per_person["sum"].to_numpy()[drawn].sum(axis=1) / per_person["count"].to_numpy()[drawn].sum(axis=1)
    assert dropoff(steps)["dropoff_error"].item() == pytest.approx(rates.std(ddof=1), rel=0.05)
