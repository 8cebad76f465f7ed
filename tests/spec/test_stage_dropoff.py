"""Drop-off: dropped journeys whose last stage it is / mature journeys that visited it, with a clustered interval."""

import pytest

from tests.drawn import build, model_of
from tests.drawn_text import for_everyone
from tests.drawn_warehouse import warehouse
from tests.reference.intervals import rate_interval, ratio_and_error

GROUPS = """
    journey_id | person_id | outcome   | is_mature | last_stage
    -----------+-----------+-----------+-----------+-----------
    a          | ann       | dropped   | yes       | look
    b          | bob       | succeeded | yes       | buy
    c          | cid       | active    | yes       | look
    d          | dan       | open      | no        | look
    e          | eva       | dropped   | yes       | cart
"""
VISITS = """
    journey_id | visit_number | stage | stay_seconds
    -----------+--------------+-------+-------------
    a          | 1            | look  | 10
    a          | 2            | cart  | 100
    a          | 3            | look  | 20
    b          | 1            | look  | 30
    b          | 2            | buy   | 0
    c          | 1            | look  | 40
    d          | 1            | look  | 1000
    e          | 1            | cart  | 200
"""


def grouped(text):
    """The journeys with their person as the cluster."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return "\n".join([f"{lines[0]} | cluster", *(f"{line} | {line.split('|')[1]}" for line in lines[2:])])


def test_each_journey_counts_once_however_often_it_came_back():
    """Ann comes to look twice and drops there: 1 of the 3 mature journeys that looked, 1 of 4 visits.
    Her cart is not where she dropped: of 2 with a cart only Eva's is."""
    tables = {"journey_periods": grouped(GROUPS), "stage_visits": VISITS}
    model_of(
        "stage_dropoff",
        tables,
        for_everyone("""
        stage | n_journeys | n_people | share_of_journeys | n_dropped | dropoff_rate | n_visits | exit_share | n_open_journeys
        ------+------------+----------+-------------------+-----------+--------------+----------+------------+----------------
        look  | 3          | 3        | 3 / 4             | 1         | 1 / 3        | 4        | 1 / 4      | 1
        cart  | 2          | 2        | 2 / 4             | 1         | 1 / 2        | 2        | 1 / 2      | 0
        buy   | 1          | 1        | 1 / 4             | 0         | 0            | 1        | 0          | 0
    """),
    )
    model_of(
        "stage_dropoff",
        tables,
        for_everyone("""
        stage | median_seconds  | p90_seconds
        ------+-----------------+-------------------
        look  | (20 + 30) / 2   | 30 + 0.7 * 10
        cart  | (100 + 200) / 2 | 100 + 0.9 * 100
        buy   | 0               | 0
    """),
    )


def found(outcomes_by_person):
    """The drop-off of one stage; per person a letter per journey: d dropped, s succeeded."""
    units = [(person, letter) for person, letters in outcomes_by_person.items() for letter in letters]
    groups = [
        {
            "journey_id": str(number),
            "person_id": person,
            "cluster": person,
            "is_mature": True,
            "last_stage": "look",
            "outcome": {"d": "dropped", "s": "succeeded"}[letter],
        }
        for number, (person, letter) in enumerate(units)
    ]
    visits = [
        {"journey_id": row["journey_id"], "visit_number": 1, "stage": "look", "stay_seconds": 1} for row in groups
    ]
    con = warehouse()
    build(con, ["stage_dropoff"], {"journey_periods": groups, "stage_visits": visits})
    row, row_of_all = con.execute(
        "SELECT dropoff_rate, dropoff_error, dropoff_low, dropoff_high FROM stage_dropoff"
    ).fetchall()
    assert row == row_of_all
    con.close()
    return row


@pytest.mark.parametrize(
    "people",
    [
        {"ann": "ddds", "bob": "s"},
        {"ann": "ds", "bob": "ddd", "cid": "s", "dan": "ssss"},
        {f"p{number}": "d" if number < 3 else "s" for number in range(10)},
        {"ann": "dd", "bob": "d"},
        {"ann": "ss", "bob": "s"},
        {"ann": "ds", "bob": "ds"},
        {"ann": "dssss", "bob": "dssss"},
    ],
    ids=["unequal", "mixed", "one each", "all dropped", "none dropped", "alike", "alike in fifths"],
)
def test_the_interval_is_wilsons_on_the_units_that_people_are_worth(people):
    """The formula of section 4 by hand: an error clustered by person, then Wilson on R(1-R)/var units."""
    units = [(person, letter == "d") for person, letters in people.items() for letter in letters]
    rate, error = ratio_and_error(units)
    low, high = rate_interval(units)
    assert found(people) == pytest.approx((rate, error, low, high), abs=1e-9)


def test_one_person_alone_has_a_rate_and_no_interval():
    assert found({"ann": "dds"}) == (pytest.approx(2 / 3), None, None, None)


def test_a_journey_without_a_person_is_a_cluster_of_its_own():
    """Two tickets of nobody: not one person, no people, yet two independent units."""
    model_of(
        "stage_dropoff",
        {
            "journey_periods": """
            journey_id | cluster | outcome   | is_mature | last_stage
            -----------+---------+-----------+-----------+-----------
            1          | 1       | dropped   | yes       | look
            2          | 2       | succeeded | yes       | look
        """,
            "stage_visits": "journey_id | stage\n1 | look\n2 | look",
        },
        for_everyone("n_journeys | n_people | dropoff_rate | dropoff_error\n2 | 0 | 1 / 2 | sqrt(2 * (1/4 + 1/4)) / 2"),
    )
