"""A person's attempts are not independent ones: the intervals of drivers and curves count people."""

from itertools import product
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

from journey_mining import conversion_curve, conversion_drivers

Z = NormalDist().inv_cdf(0.975)


def shop(n_people: int, seed: int, each: int = 3) -> pd.DataFrame:
    """Journeys of people who look for help, or buy, or are slow, in all of their journeys or in none, mostly."""
    random, rows = Random(seed), []
    for person, number in product(range(n_people), range(each)):
        habit = Random(1000 * seed + person)
        is_helped, is_bought = habit.random() < 0.4, habit.random() < 0.5
        is_helped, is_bought = (random.random() < (0.85 if usual else 0.15) for usual in (is_helped, is_bought))
        minutes = int(habit.random() * 300) + random.randrange(60)
        steps = [("cart", 0), *([("help", 1)] if is_helped else []), *([("pay", 2 + minutes)] if is_bought else [])]
        rows += [(f"{person}.{number}", f"p{person}", name, at) for name, at in steps]
    table = pd.DataFrame(rows, columns=["journey_id", "person_id", "stage", "minutes"])
    table["step_number"] = table.groupby("journey_id").cumcount() + 1
    return table.assign(occurred_at=pd.Timestamp("2024-05-01") + pd.to_timedelta(table["minutes"], unit="min"))


def attempts(steps: pd.DataFrame) -> list[tuple[str, bool, bool, float]]:
    """Of each journey whose it is, whether it had help and came through, and when it did, or was last seen."""
    found = []
    for _, own in steps.groupby("journey_id"):
        names = own["stage"].tolist()
        seen = own["minutes"].max() if "pay" in names else steps["minutes"].max()
        found.append((own["person_id"].iloc[0], "help" in names, "pay" in names, float(seen)))
    return found


def test_the_interval_of_a_driver_is_the_sandwich_of_a_logistic_regression_by_person():
    """With large cells the half that is added hardly counts: bread, meat, bread, of the regression on help."""
    steps = shop(700, 1)
    rows = attempts(steps)
    x = np.array([[1.0, helped] for _, helped, _, _ in rows])
    y = np.array([float(came) for _, _, came, _ in rows])
    beta = np.zeros(2)
    for _ in range(20):
        p = 1 / (1 + np.exp(-x @ beta))
        bread = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
        beta = beta + bread @ x.T @ (y - p)
    scores = pd.DataFrame(x * (y - p)[:, None]).groupby([who for who, *_ in rows]).sum().to_numpy()
    error = sqrt((bread @ scores.T @ scores @ bread)[1, 1])
    found = conversion_drivers(steps, ["cart", "pay"]).iloc[0]
    assert found["odds_ratio"] == pytest.approx(exp(beta[1]), rel=0.01)
    assert log(found["high"] / found["low"]) / (2 * Z) == pytest.approx(error, rel=0.01)
    assert found["p_value"] == pytest.approx(2 * NormalDist().cdf(-abs(beta[1]) / error), rel=0.2)


def test_a_person_who_is_counted_three_times_is_no_three_people():
    """The same journeys three times over tell nothing new: the interval stays, nearly; of other people it is narrower."""
    once = shop(150, 2, each=1)
    copies = [once.assign(journey_id=once["journey_id"] + f"/{copy}") for copy in range(3)]
    thrice = pd.concat(copies)
    others = pd.concat([copy.assign(person_id=copy["journey_id"]) for copy in copies])

    def width(steps: pd.DataFrame) -> float:
        found = conversion_drivers(steps, ["cart", "pay"]).iloc[0]
        return float(log(found["high"] / found["low"]))

    assert width(thrice) == pytest.approx(width(once), rel=0.03)
    assert width(others) == pytest.approx(width(once) / sqrt(3), rel=0.03)


def test_one_person_alone_gives_no_interval():
    steps = shop(1, 3, each=40)
    drivers = conversion_drivers(steps, ["cart", "pay"], at_least=1)
    curve = conversion_curve(steps, ["cart", "pay"])
    assert len(drivers)
    assert drivers[["low", "high", "p_value"]].isna().all(axis=None)
    assert len(curve)
    assert curve[["low", "high"]].isna().all(axis=None)


def share_by(rows: list[tuple[str, bool, bool, float]], minutes: float) -> float:
    """The estimate of Kaplan and Meier from its definition."""
    left = 1.0
    for at in sorted({seen for _, _, came, seen in rows if came and seen <= minutes}):
        at_risk = sum(seen >= at for *_, seen in rows)
        left *= 1 - sum(came and seen == at for _, _, came, seen in rows) / at_risk
    return 1 - left


def test_the_interval_of_the_curve_is_that_of_a_jackknife_by_person():
    """Leave out one person after the other; the transform is that of the log of the log."""
    steps = shop(60, 4)
    rows = attempts(steps)
    people = sorted({who for who, *_ in rows})
    curve = conversion_curve(steps, ["cart", "pay"]).set_index("seconds")
    for minutes in (60, 150, 250):
        at = curve.index[curve.index <= 60 * minutes].max()
        share = share_by(rows, at / 60)
        without = [log(1 - share_by([row for row in rows if row[0] != who], at / 60)) for who in people]
        n = len(people)
        error = sqrt((n - 1) / n * sum((one - sum(without) / n) ** 2 for one in without))
        low, high = (1 - (1 - share) ** exp(sign * Z * error / log(1 - share)) for sign in (1, -1))
        found = curve.loc[at]
        assert found["converted_share"] == pytest.approx(share)
        assert [found["low"], found["high"]] == pytest.approx([low, high], abs=0.01)


def test_the_curve_of_people_with_one_attempt_each_has_greenwood_s_error():
    steps = shop(80, 5, each=1)
    rows = attempts(steps)
    curve = conversion_curve(steps, ["cart", "pay"]).set_index("seconds")
    at = curve.index[len(curve) // 2]
    variance = 0.0
    for time in sorted({seen for _, _, came, seen in rows if came and 60 * seen <= at}):
        at_risk = sum(seen >= time for *_, seen in rows)
        n = sum(came and seen == time for _, _, came, seen in rows)
        variance += n / (at_risk * (at_risk - n))
    left = 1 - share_by(rows, at / 60)
    sample = CensoredData.right_censored([seen for *_, seen in rows], [not came for _, _, came, _ in rows])
    assert left == pytest.approx(ecdf(sample).sf.evaluate(at / 60))
    error = sqrt(variance)
    low, high = (1 - left ** exp(sign * Z * error / log(left)) for sign in (1, -1))
    assert curve.loc[at, ["low", "high"]].tolist() == pytest.approx([low, high], abs=1e-9)
