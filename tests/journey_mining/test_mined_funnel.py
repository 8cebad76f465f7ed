"""Funnels: how far journeys come through stages in order. What tools disagree on is in test_funnel_semantics.py."""

from datetime import datetime, timedelta

import pytest

from journey_mining import ArgumentError, Exclusion, FunnelStage, dropoff, funnel
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.funnel_depth import depth

HOUR = timedelta(hours=1)


def test_one_touch_does_not_count_for_two_stages():
    assert depth("A 09:00", "AA") == 1
    assert depth("A 09:00, A 09:00", "AA") == 2


def test_at_equal_instants_either_order_is_right():
    assert depth("B 09:00, A 09:00", "AB") == 2
    assert depth("B 09:00:00, A 09:00:01", "AB") == 1


def test_the_best_entry_counts_not_the_first():
    touches = "A 13:00, A 13:30, B 13:45, C 14:15"
    assert depth(touches, "ABC", HOUR) == 3
    assert depth(touches, "ABC", timedelta(minutes=44)) == 2


def test_other_stages_may_lie_between():
    assert depth("A 09:00, C 09:01, B 09:02, C 09:03", "ABC") == 3


def test_the_window_counts_from_the_first_stage_and_includes_its_end():
    assert depth("A 09:00, B 10:00", "AB", HOUR) == 2
    assert depth("A 09:00, B 10:00:00.000001", "AB", HOUR) == 1
    assert depth("A 09:00, B 09:40, C 10:20", "ABC", HOUR) == 2


def test_an_open_journey_is_beside_the_funnel_not_lost_in_it():
    steps = steps_of("""
        journey_id | stage | outcome
        -----------+-------+----------
        a          | cart  | succeeded
        a          | buy   | succeeded
        b          | cart  | open
        c          | cart  | open
        c          | seen  | open
        c          | buy   | open
    """)
    assert_shows(
        funnel(steps, ["cart", "buy"]),
        """
        stage | n_journeys | share_of_previous | n_lost | median_seconds | n_open
        ------+------------+-------------------+--------+----------------+-------
        cart  | 1          |                   | 0      |                | 2
        buy   | 1          | 1                 | 0      | 60             | 1
        """,
    )


def test_a_stage_named_twice_needs_two_touches_and_finds_them_around_others():
    assert depth("A 09:00, B 09:01, B 09:02", "ABA") == 2
    assert depth("A 09:00, B 09:01, A 09:02", "ABA") == 3
    assert depth("A 09:00, B 09:00", "ABA") == 2
    assert depth("A 09:00, B 09:00, A 09:00", "ABA") == 3


def test_a_window_of_nothing_takes_only_what_is_at_the_same_instant():
    assert depth("A 09:00, B 09:00, C 09:01", "ABC", timedelta(0)) == 2


def test_what_comes_before_the_first_stage_does_not_count():
    assert depth("B 09:00, A 09:01", "AB") == 1
    assert depth("C 09:00, A 09:01, B 09:02", "ABC") == 2


def test_shares_losses_and_times_of_a_drawn_funnel():
    """cart -> pay takes 60 s, 120 s and 600 s; the interval is of 3 of 4, people ann (2 of 2) and bob (1 of 2)."""
    steps = steps_of("""
        journey_id | person_id | occurred_at         | stage
        -----------+-----------+---------------------+------
        a          | ann       | 2024-05-01 09:00:00 | cart
        a          | ann       | 2024-05-01 09:01:00 | pay
        a          | ann       | 2024-05-01 09:05:00 | done
        b          | ann       | 2024-05-02 09:00:00 | cart
        b          | ann       | 2024-05-02 09:00:30 | cart
        b          | ann       | 2024-05-02 09:02:00 | pay
        c          | bob       | 2024-05-03 09:00:00 | cart
        c          | bob       | 2024-05-03 09:10:00 | pay
        d          | bob       | 2024-05-04 09:00:00 | cart
        e          | cid       | 2024-05-04 09:00:00 | pay
    """)
    assert_shows(
        funnel(steps, ["cart", "pay", "done", "never"]),
        """
        stage | position | n_journeys | n_people | share_of_first | share_of_previous | n_lost | median_seconds
        ------+----------+------------+----------+----------------+-------------------+--------+---------------
        cart  | 1        | 4          | 2        | 1              |                   | 0      |
        pay   | 2        | 3          | 2        | 3 / 4          | 3 / 4             | 1      | 120
        done  | 3        | 1          | 1        | 1 / 4          | 1 / 3             | 2      | 240
        never | 4        | 0          | 0        | 0              | 0                 | 1      |
        """,
    )


def test_of_several_longest_entries_the_earliest_gives_the_times():
    steps = steps_of("""
        journey_id | occurred_at      | stage
        -----------+------------------+------
        a          | 2024-05-01 09:00 | cart
        a          | 2024-05-01 09:10 | cart
        a          | 2024-05-01 09:20 | pay
    """)
    assert_shows(funnel(steps, ["cart", "pay"], HOUR, as_of=datetime.max).tail(1), "stage | median_seconds\npay | 1200")
    late = funnel(steps, ["cart", "pay"], timedelta(minutes=15), as_of=datetime.max)
    assert_shows(late.tail(1), "stage | median_seconds\npay | 600")


def test_the_interval_of_a_step_is_that_of_a_drop_off_turned_round():
    steps = steps_of("""
        journey_id | person_id | stage | outcome
        -----------+-----------+-------+----------
        a          | ann       | cart  | succeeded
        a          | ann       | buy   | succeeded
        b          | ann       | cart  | dropped
        c          | bob       | cart  | dropped
        d          | cid       | cart  | succeeded
        d          | cid       | buy   | succeeded
        e          | cid       | cart  | succeeded
        e          | cid       | buy   | succeeded
    """)
    bought, left = funnel(steps, ["cart", "buy"]).iloc[1], dropoff(steps).set_index("stage").loc["cart"]
    assert bought["share_of_previous"] == pytest.approx(1 - left["dropoff_rate"])
    assert bought["low"] == pytest.approx(1 - left["dropoff_high"])
    assert bought["high"] == pytest.approx(1 - left["dropoff_low"])


def test_a_funnel_that_nobody_enters_is_all_there_and_empty():
    """A step without a value that is to be held belongs to no attempt."""
    steps = steps_of("journey_id | stage | order_key\na | cart |")
    assert_shows(
        funnel(steps, ["cart", "buy"], hold=["order_key"]),
        """
        stage | position | n_journeys | n_people | share_of_first | share_of_previous | n_lost | low | high | n_open
        ------+----------+------------+----------+----------------+-------------------+--------+-----+------+-------
        cart  | 1        | 0          | 0        |                |                   | 0      |     |      | 0
        buy   | 2        | 0          | 0        |                |                   | 0      |     |      | 0
        """,
    )


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ({"order": "orderly"}, "order: no choice 'orderly'; did you mean 'ordered'"),
        ({"ties": "sometimes"}, "ties: 'either', 'logged', or the time"),
        ({"exclude": "X"}, "exclude: give a list, not 'X'"),
        ({"exclude": [Exclusion("X", after=2)]}, "exclude: after 2 and before 2 are no positions of 2 stages"),
        ({"exclude": ["X"], "on_exclude": "drop_person", "entry": "all"}, "only attempts can be dropped"),
        ({"stages": ["A", FunnelStage("B", within="ten")]}, "within: 'ten' is no length of time"),
        ({"stages": [FunnelStage("A", optional=True), "B"]}, "the first is where an attempt begins"),
        ({"stages": ["A", FunnelStage("A", optional=True)]}, "'A' cannot be optional and needed at once"),
        ({"stages": ["A", "A"], "order": "any"}, "a name can belong to one stage only"),
        (
            {"stages": ["A", FunnelStage("B", optional=True)], "order": "strict"},
            "in order 'ordered', not in 'strict'",
        ),
    ],
)
def test_a_funnel_that_makes_no_sense_is_refused(how, complaint):
    with pytest.raises(ArgumentError, match=complaint):
        funnel(steps_of("journey_id | stage\na | A"), how.pop("stages", ["A", "B"]), **how)


def test_an_argument_there_is_none_of_is_refused_with_the_nearest():
    with pytest.raises(TypeError, match="no argument 'excludes'; did you mean 'exclude'"):
        funnel(steps_of("journey_id | stage\na | A"), ["A"], excludes=["B"])


@pytest.mark.parametrize("stages", [[], "cart"])
def test_stages_must_be_a_list_with_something_in_it(stages):
    with pytest.raises(ArgumentError, match="stages: give a list"):
        funnel(steps_of("journey_id | stage\na | cart"), stages)


def test_a_negative_window_is_refused():
    with pytest.raises(ArgumentError, match="window: a time cannot be negative"):
        funnel(steps_of("journey_id | stage\na | cart"), ["cart"], timedelta(seconds=-1))
