"""What is asked about a funnel beside how far people came: how long it takes, when, what the others did."""

from datetime import datetime

import pandas as pd
import pytest
from scipy.stats.contingency import odds_ratio

from journey_mining import (
    after_dropoff,
    conversion_curve,
    conversion_drivers,
    funnel_entries,
    funnel_trend,
    time_to_convert,
)
from tests.journey_mining.drawn import assert_shows, steps_of

LATER = datetime(2024, 6, 1)


def test_times_of_three_people():
    """The published case: 3600, 7200 and 7200 s to the second stage, 7200 and 3600 s to the third."""
    steps = steps_of("""
        journey_id | occurred_at      | stage
        -----------+------------------+------
        a          | 2024-05-01 09:00 | 1
        a          | 2024-05-01 10:00 | 2
        a          | 2024-05-01 12:00 | 3
        b          | 2024-05-01 09:00 | 1
        b          | 2024-05-01 11:00 | 2
        b          | 2024-05-01 12:00 | 3
        c          | 2024-05-01 09:00 | 1
        c          | 2024-05-01 11:00 | 2
    """)
    assert_shows(
        time_to_convert(steps, ["1", "2", "3"]),
        """
        stage | n_entries | mean_seconds | p10_seconds | p25_seconds | median_seconds | p75_seconds | p90_seconds
        ------+-----------+--------------+-------------+-------------+----------------+-------------+------------
        2     | 3         | 6000         | 4320        | 5400        | 7200           | 7200        | 7200
        3     | 2         | 5400         | 3960        | 4500        | 5400           | 6300        | 6840
        """,
    )
    assert time_to_convert(steps, ["1", "2", "3"], since="entry")["median_seconds"].tolist() == [7200, 10800]


def test_the_curve_is_kaplan_and_meier_s_by_hand():
    """Four enter. b is converted after 1 h (1/4); c is out of sight after 2 h; a after 3 h: 1 - 3/4 * 1/2; d never."""
    steps = steps_of("""
        journey_id | occurred_at      | stage
        -----------+------------------+------
        a          | 2024-05-01 09:00 | cart
        a          | 2024-05-01 12:00 | pay
        b          | 2024-05-01 09:00 | cart
        b          | 2024-05-01 10:00 | pay
        c          | 2024-05-01 13:00 | cart
        d          | 2024-05-01 09:00 | cart
    """)
    curve = conversion_curve(steps, ["cart", "pay"], "4h", as_of=datetime(2024, 5, 1, 15))
    assert_shows(
        curve,
        """
        seconds | n_at_risk | converted_share
        --------+-----------+----------------
        3600    | 4         | 1 / 4
        10800   | 2         | 1 - 3 / 4 * 1 / 2
        """,
    )
    assert curve["converted_share"].between(curve["low"], curve["high"]).all()


def test_a_curve_of_nobody_is_empty():
    assert conversion_curve(steps_of("journey_id | stage\na | cart"), ["cart", "pay"]).empty


def test_a_trend_marks_unfinished_days_and_leaves_them_out_of_the_average():
    """Known until 4 May, noon: who entered on the 3rd had not the whole day for a window, nor who enters on the 4th."""
    steps = steps_of("""
        journey_id | person_id | occurred_at      | stage
        -----------+-----------+------------------+------
        a          | ann       | 2024-05-01 09:00 | cart
        a          | ann       | 2024-05-01 10:00 | pay
        b          | bob       | 2024-05-01 09:00 | cart
        c          | cid       | 2024-05-03 09:00 | cart
        d          | dan       | 2024-05-03 13:00 | cart
        e          | eve       | 2024-05-04 09:00 | cart
        e          | eve       | 2024-05-04 10:00 | pay
    """)
    assert_shows(
        funnel_trend(steps, ["cart", "pay"], "1d", as_of=datetime(2024, 5, 4, 12)).assign(
            day=lambda table: pd.to_datetime(table["entered_on"]).dt.day
        ),
        """
        day | n_entries | n_people | n_converted | conversion_rate | n_open | is_finished | average_rate
        ----+-----------+----------+-------------+-----------------+--------+-------------+-------------
        1   | 2         | 2        | 1           | 1 / 2           | 0      | 1           | 1 / 2
        2   | 0         | 0        | 0           |                 | 0      | 1           | 1 / 2
        3   | 1         | 1        | 0           | 0               | 1      | 0           | 1 / 2
        4   | 0         | 0        | 0           |                 | 1      | 0           | 1 / 2
        """,
    )


LOST = """
    journey_id | person_id | stage | outcome
    -----------+-----------+-------+----------
    a          | ann       | cart  | succeeded
    a          | ann       | pay   | succeeded
    b          | bob       | cart  | dropped
    b          | bob       | cart  | dropped
    b          | bob       | help  | dropped
    c          | cid       | cart  | dropped
    d          | dan       | cart  | open
    d          | dan       | help  | open
    e          | eve       | cart  | dropped
    e          | eve       | home  | dropped
    f          | eve       | cart  | dropped
    f          | eve       | help  | dropped
"""


def test_what_the_lost_did_instead():
    """By stage, a second look into the cart is the same visit; who is open is not lost."""
    assert_shows(
        after_dropoff(steps_of(LOST), ["cart", "pay"]),
        """
        stage | position | next      | n_entries | n_people | share
        ------+----------+-----------+-----------+----------+------
        cart  | 1        | help      | 2         | 2        | 2 / 4
        cart  | 1        | (dropped) | 1         | 1        | 1 / 4
        cart  | 1        | home      | 1         | 1        | 1 / 4
        """,
    )
    few = after_dropoff(steps_of(LOST), ["cart", "pay"], top=1)
    assert few[["next", "n_entries"]].to_numpy().tolist() == [["help", 2], ["(other)", 2]]


def test_who_it_was():
    found = funnel_entries(steps_of(LOST), ["cart", "pay"])
    assert found.set_index("journey_id")["status"].to_dict() == {
        "a": "converted",
        "b": "lost",
        "c": "lost",
        "d": "open",
        "e": "lost",
        "f": "lost",
    }
    assert set(funnel_entries(steps_of(LOST), ["cart", "pay"], status="lost", position=1)["person_id"]) == {
        "bob",
        "cid",
        "eve",
    }
    assert len(funnel_entries(steps_of(LOST), ["cart", "pay"], at_most=2)) == 2


def people(n_help, n_plain, is_converted, first):
    """Steps of people who enter, ask for help or not, and are converted or not."""
    names = [["cart", "help"]] * n_help + [["cart"]] * n_plain
    after = ["pay", "help"] if is_converted else []
    return [f"{first + place} | {name}" for place, own in enumerate(names) for name in [*own, *after]]


def test_drivers_are_odds_ratios_of_what_lies_between_entry_and_end():
    """5 of 6 converted had help, 2 of 12 others: (5.5 * 10.5) / (1.5 * 2.5) with a half added; help after it is none."""
    rows = people(5, 1, True, 0) + people(2, 10, False, 100)
    table = conversion_drivers(steps_of("journey_id | stage\n" + "\n".join(rows)), ["cart", "pay"], at_least=1)
    assert_shows(
        table,
        """
        name | n_converted_with | n_converted_without | n_lost_with | n_lost_without | odds_ratio
        -----+------------------+---------------------+-------------+----------------+----------------------------
        help | 5                | 1                   | 2           | 10             | (5.5 * 10.5) / (1.5 * 2.5)
        """,
    )
    # Of the 18564 ways to choose 6 of 18, C(7, 5) * C(11, 1) + C(7, 6) have 5 or 6 of the 7 with help.
    assert table["p_value"].iloc[0] == pytest.approx((21 * 11 + 7) / 18564)
    assert table["low"].iloc[0] < 25 < table["high"].iloc[0]


def test_many_drivers_are_those_of_another_library_nearly():
    """With large cells the half that is added hardly counts: the sample odds ratio and interval of scipy."""
    rows = people(300, 200, True, 0) + people(250, 450, False, 1000)
    table = conversion_drivers(steps_of("journey_id | stage | occurred_at\n" + timed(rows)), ["cart", "pay"])
    expected = odds_ratio([[300, 200], [250, 450]], kind="sample")
    interval = expected.confidence_interval(0.95)
    assert table["odds_ratio"].iloc[0] == pytest.approx(expected.statistic, rel=0.005)
    assert table["low"].iloc[0] == pytest.approx(interval.low, rel=0.005)
    assert table["high"].iloc[0] == pytest.approx(interval.high, rel=0.005)


def timed(rows):
    """The same rows a second apart."""
    start = pd.Timestamp("2024-05-01")
    return "\n".join(f"{row} | {start + pd.Timedelta(seconds=place)}" for place, row in enumerate(rows))


def test_rare_drivers_are_left_out():
    steps = steps_of("journey_id | stage\na | cart\na | help\na | pay\nb | cart")
    assert conversion_drivers(steps, ["cart", "pay"]).empty
    assert len(conversion_drivers(steps, ["cart", "pay"], at_least=1)) == 1


def test_a_curve_knows_nothing_of_what_came_after_the_end_of_what_is_known():
    """As of 8 May Ann and Bob, who come on the 9th, have not begun; Cem has, and Dee's purchase on the 9th is not known."""
    steps = steps_of("""
        journey_id | person_id | stage | occurred_at
        a          | ann       | cart  | 2024-05-09 09:00
        a          | ann       | buy   | 2024-05-09 10:00
        b          | bob       | cart  | 2024-05-09 09:00
        c          | cem       | cart  | 2024-05-07 09:00
        c          | cem       | buy   | 2024-05-07 10:00
        d          | dee       | cart  | 2024-05-07 09:00
        d          | dee       | buy   | 2024-05-09 10:00
    """)
    assert_shows(
        conversion_curve(steps, ["cart", "buy"], as_of="2024-05-08"),
        """
        seconds | n_at_risk | converted_share
        3600    | 2         | 1 / 2
        """,
    )
