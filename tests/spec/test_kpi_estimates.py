"""kpi_estimates: value, interval and tail of a group's mature units, clustered by person."""

import math
from datetime import date

import pytest

from tests.drawn import build, model_of
from tests.drawn_warehouse import warehouse
from tests.reference.intervals import Z, median_coverage, rate_interval, ratio_and_error


def estimates(statistic, groups):
    """The estimate of each persona; groups are {persona: [(person, value, is_mature), ...]}."""
    rows = [
        {
            "persona": persona,
            "unit_id": f"{persona} {number:03}",
            "person_id": person,
            "entered_on": date(2024, 5, 1),
            "value": value,
            "is_mature": is_mature,
        }
        for persona, units in groups.items()
        for number, (person, value, is_mature) in enumerate(units)
    ]
    con = warehouse()
    tables = {
        "kpi_units": rows,
        "kpi_targets": f"kpi | statistic\ncsat_score | {statistic}",
        "periods": "period | first_on | last_on\nall | 05-01 | 05-01",
    }
    build(con, ["kpi_estimates"], tables)
    found = con.execute(
        "SELECT persona, value, low, high, standard_error, p90, n_units, n_people FROM kpi_estimates WHERE period = 'all'"
    ).fetchall()
    con.close()
    return {row[0]: row[1:] for row in found}


@pytest.mark.parametrize(
    "units",
    [
        [("ann", 1.0), ("ann", 1.0), ("ann", 0.0), ("bob", 0.0), ("cid", 1.0)],
        [("ann", 1.0), ("bob", 1.0), ("cid", 1.0)],
        [("ann", 0.0), ("ann", 0.0), ("bob", 0.0)],
        [("ann", 1.0), ("ann", 0.0), ("bob", 1.0), ("bob", 0.0)],
    ],
    ids=["mixed", "always", "never", "alike"],
)
def test_a_rate_has_wilsons_interval_on_the_units_its_people_are_worth(units):
    """Of 0 and of 1 the interval has a width, too. Immature units are in no rate."""
    rate, error = ratio_and_error(units)
    low, high = rate_interval(units)
    drawn = [(*unit, True) for unit in units] + [("dan", 1.0, False)]
    value, *interval, standard_error, p90, n_units, n_people = estimates("rate", {"other": drawn})["other"]
    assert (value, *interval, standard_error) == pytest.approx((rate, low, high, error), abs=1e-9)
    assert (p90, n_units, n_people) == (None, len(units), len({person for person, _ in units}))


def test_a_mean_has_a_normal_interval_on_the_clustered_error():
    """Ratings 5, 4, 2 of three people, Ann's twice: mean 16 / 4."""
    units = [("ann", 5.0), ("ann", 5.0), ("bob", 4.0), ("cid", 2.0)]
    mean, error = ratio_and_error(units)
    found = estimates("mean", {"other": [(*unit, True) for unit in units]})["other"]
    assert mean == 4
    assert found[:4] == pytest.approx((mean, mean - Z * error, mean + Z * error, error), abs=1e-9)


def test_a_mean_of_ratings_that_are_all_alike_is_not_known_to_the_last_digit():
    """Two people who both rate 5 are two ratings; that all others would too does not follow."""
    found = estimates("mean", {"other": [("ann", 5.0, True), ("bob", 5.0, True)]})["other"]
    assert found[:4] == (5, None, None, None)


@pytest.mark.parametrize("statistic", ["rate", "mean"])
def test_one_person_alone_has_a_value_and_no_interval(statistic):
    assert estimates(statistic, {"other": [("ann", 1.0, True), ("ann", 0.0, True)]})["other"] == (
        0.5,
        None,
        None,
        None,
        None,
        2,
        1,
    )


def test_units_of_nobody_are_independent_and_no_people():
    model_of(
        "kpi_estimates",
        {
            "kpi_targets": "kpi | statistic\ncsat_score | rate",
            "periods": "period | first_on | last_on\nall | 05-02 | 05-02",
            "kpi_units": "unit_id | person_id | entered_on | value\na | | 05-01 | 1\nb | | 05-01 | 0",
        },
        """
        persona | period | value | standard_error            | n_units | n_people
        --------+--------+-------+---------------------------+---------+---------
        other   | day    | 1 / 2 | sqrt(2 * (1/4 + 1/4)) / 2 | 2       | 0
        (all)   | day    | 1 / 2 | sqrt(2 * (1/4 + 1/4)) / 2 | 2       | 0
        other   | week   | 1 / 2 | sqrt(2 * (1/4 + 1/4)) / 2 | 2       | 0
        (all)   | week   | 1 / 2 | sqrt(2 * (1/4 + 1/4)) / 2 | 2       | 0
    """,
    )


def test_a_group_without_a_mature_unit_has_no_estimate():
    assert estimates("rate", {"other": [("ann", 1.0, False)]}) == {}


def test_the_median_is_the_middle_value_or_between_the_two_middle_ones():
    """Of 7 hours, of 8 hours."""
    found = estimates(
        "median",
        {
            "odd": [(f"p{hours}", float(hours), True) for hours in (7, 1, 100, 3, 2, 6, 5)],
            "even": [(f"p{hours}", float(hours), True) for hours in (7, 1, 100, 3, 2, 6, 5, 4)],
        },
    )
    assert (found["odd"][0], found["even"][0]) == (5, 4.5)


def test_what_did_not_happen_in_time_counts_as_longer_than_any():
    """Of five tickets two had no answer: the median is the third, the slowest answered one, and the tail is unknown."""
    found = estimates(
        "median",
        {
            "some": [("a", 1.0, True), ("b", None, True), ("c", 3.0, True), ("d", None, True), ("e", 2.0, True)],
            "most": [("a", 1.0, True), ("b", None, True), ("c", None, True)],
        },
    )
    assert (found["some"][0], found["some"][4], found["some"][5]) == (3, None, 5)
    assert (found["most"][0], found["most"][5]) == (None, 3)


def test_the_tail_is_the_90th_percentile():
    """Of 1 to 20 hours it is the 18th: nine in ten took no longer."""
    assert (
        estimates("median", {"other": [(f"p{hours}", float(hours), True) for hours in range(1, 21)]})["other"][4] == 18
    )


def test_the_interval_of_a_median_encloses_it_with_95_percent_or_there_is_none():
    """By order statistics: the binomial chance that the median lies between them. Five values are too few for any."""
    found = estimates("median", {str(n): [(f"p{k}", float(k), True) for k in range(1, n + 1)] for n in range(1, 61)})
    poor = {}
    for n in range(1, 61):
        low, high = found[str(n)][1:3]
        if low is not None and high is not None and (coverage := median_coverage(n, int(low), int(high))) < 0.95:
            poor[n] = round(coverage, 3)
    assert poor == {}


def test_the_interval_of_a_median_is_close_to_the_narrowest_that_encloses_it():
    """Of 100 values the 40th and the 61st do (Conover, Practical Nonparametric Statistics)."""
    low, high = estimates("median", {"other": [(f"p{k}", float(k), True) for k in range(1, 101)]})["other"][1:3]
    assert 39 <= low <= 40
    assert 61 <= high <= 62
    assert math.isfinite(high)


def test_a_person_whose_units_add_up_to_a_hundred_thousand_and_more_is_counted():
    value, *_, n_units, n_people = estimates("mean", {"new": [("till", 200_000.0, True), ("ann", 0.0, True)]})["new"]
    assert (value, n_units, n_people) == (100_000, 2, 2)
