"""The rules of a funnel: what makes a stage, what ends an attempt, what counts as one, and what is open."""

from datetime import datetime

from journey_mining import Exclusion, FunnelStage, funnel
from tests.journey_mining.drawn import assert_shows, steps_of
from tests.journey_mining.funnel_depth import depth


def test_any_of_several_names_makes_a_stage():
    steps = steps_of("""
        journey_id | stage
        -----------+-------
        a          | cart
        a          | card
        b          | basket
        b          | transfer
        c          | basket
    """)
    table = funnel(steps, [["cart", "basket"], ("card", "transfer")])
    assert_shows(table, "stage | n_entries\ncart or basket | 3\ncard or transfer | 2")


def test_a_stage_within_a_time_of_the_one_before_includes_its_end():
    steps = steps_of("""
        journey_id | occurred_at      | stage
        -----------+------------------+------
        a          | 2024-05-01 09:00 | cart
        a          | 2024-05-01 09:50 | pay
        a          | 2024-05-01 10:00 | done
        b          | 2024-05-01 09:00 | cart
        b          | 2024-05-01 09:50 | pay
        b          | 2024-05-01 10:01 | done
    """)
    table = funnel(steps, ["cart", "pay", FunnelStage("done", within="10m")], as_of=datetime.max)
    assert table["n_entries"].tolist() == [2, 2, 1]


def test_a_second_touch_of_a_stage_does_not_start_the_time_of_the_next_again():
    """C is 20 minutes after the second B, but 69 after the first: here an event more makes the funnel shallower."""
    stages = ["A", "B", FunnelStage("C", within="30m")]
    assert depth("A 09:00, B 09:50, C 10:10", stages) == 3
    assert depth("A 09:00, B 09:01, B 09:50, C 10:10", stages) == 2
    assert depth("A 09:00, B 09:01, B 09:50, C 10:10", "ABC", "2h") == 3  # without times of stages it never does


def test_an_optional_stage_is_counted_between_its_neighbours_and_stops_nobody():
    """b skips the coupon, c has it too late, d never pays."""
    steps = steps_of("""
        journey_id | stage
        -----------+-------
        a          | cart
        a          | coupon
        a          | pay
        b          | cart
        b          | pay
        c          | cart
        c          | pay
        c          | coupon
        d          | cart
        d          | coupon
    """)
    assert_shows(
        funnel(steps, ["cart", FunnelStage("coupon", optional=True), "pay"]),
        """
        stage  | n_entries | share_of_previous | n_lost | median_seconds
        -------+-----------+-------------------+--------+---------------
        cart   | 4         |                   | 0      |
        coupon | 2         | 2 / 4             | 2      | 60
        pay    | 3         | 3 / 4             | 1      | 60
        """,
    )


def test_an_excluded_person_is_out_of_the_whole_funnel_an_excluded_attempt_stays_where_it_stood():
    steps = steps_of("""
        journey_id | stage
        -----------+------
        a          | cart
        a          | back
        a          | pay
        b          | cart
        b          | pay
    """)
    kept = funnel(steps, ["cart", "pay"], exclude=["back"])
    assert kept[["n_entries", "n_excluded"]].to_numpy().tolist() == [[2, 1], [1, 0]]
    assert funnel(steps, ["cart", "pay"], exclude=["back"], on_exclude="drop_person")["n_entries"].tolist() == [1, 1]


def test_an_excluded_person_is_out_with_all_journeys():
    """Ann went back in one of her journeys, and paid in the other; a journey of nobody goes alone."""
    steps = steps_of("""
        journey_id | person_id | stage
        -----------+-----------+------
        a          | ann       | cart
        a          | ann       | back
        b          | ann       | cart
        b          | ann       | pay
        c          | bob       | cart
        c          | bob       | pay
        d          |           | cart
        d          |           | back
        e          |           | cart
    """)
    found = funnel(steps, ["cart", "pay"], exclude=["back"], on_exclude="drop_person")
    assert found[["n_entries", "n_people", "n_excluded"]].to_numpy().tolist() == [[2, 1, 2], [1, 1, 0]]
    found = funnel(steps, ["cart", "pay"], exclude=["back"], on_exclude="drop_attempt")
    assert found[["n_entries", "n_people", "n_excluded"]].to_numpy().tolist() == [[5, 2, 2], [2, 2, 0]]


def test_an_attempt_that_is_still_open_takes_nobody_out():
    """Ann went back in a journey of which is not known yet what will come of it."""
    steps = steps_of("""
        journey_id | person_id | stage | outcome
        -----------+-----------+-------+--------
        a          | ann       | cart  | open
        a          | ann       | back  | open
        b          | ann       | cart  | dropped
    """)
    found = funnel(steps, ["cart", "pay"], exclude=["back"], on_exclude="drop_person")
    assert found[["n_entries", "n_open", "n_excluded"]].to_numpy().tolist() == [[1, 1, 0], [0, 0, 0]]


def test_an_exclusion_may_be_of_a_part_of_the_way():
    assert depth("A 09:00, X 09:01, B 09:02, C 09:03", "ABC", exclude=[Exclusion("X", after=2)]) == 3
    assert depth("A 09:00, B 09:01, X 09:02, C 09:03", "ABC", exclude=[Exclusion("X", after=2)]) == 2
    assert depth("A 09:00, B 09:01, X 09:02, C 09:03", "ABC", exclude=[Exclusion("X", before=2)]) == 3


def test_what_is_excluded_at_the_same_instant_is_not_between():
    assert depth("A 09:00, X 09:00, B 09:01", "AB", exclude=["X"]) == 2
    assert depth("A 09:00, X 09:01, B 09:01", "AB", exclude=["X"]) == 2
    assert depth("A 09:00, X 09:00, B 09:01", "AB", exclude=["X"], ties="logged") == 1


def test_an_attempt_holds_a_value_constant():
    """Cart of order 1, payment of order 2: nobody paid for what was in the cart."""
    steps = steps_of("""
        journey_id | stage | order_key
        -----------+-------+----------
        a          | cart  | 1
        a          | pay   | 2
        b          | cart  | 1
        b          | cart  | 2
        b          | pay   | 2
        c          | cart  |
    """)
    assert funnel(steps, ["cart", "pay"])["n_entries"].tolist() == [3, 2]
    assert funnel(steps, ["cart", "pay"], hold=["order_key"])["n_entries"].tolist() == [2, 1]


def test_an_attempt_that_is_decided_counts_before_an_earlier_one_of_the_same_person_that_is_open():
    steps = steps_of("""
        journey_id | person_id | stage | outcome
        -----------+-----------+-------+--------
        a          | ann       | cart  | open
        b          | ann       | cart  | dropped
    """)
    found = funnel(steps, ["cart"], count="people").iloc[0]
    assert (found["n_entries"], found["n_open"]) == (1, 0)


def test_people_are_counted_over_all_their_journeys():
    steps = steps_of("""
        journey_id | person_id | occurred_at      | stage
        -----------+-----------+------------------+------
        a          | ann       | 2024-05-01 09:00 | cart
        b          | ann       | 2024-05-02 09:00 | pay
        c          | bob       | 2024-05-01 09:00 | cart
        d          |           | 2024-05-01 09:00 | cart
    """)
    assert funnel(steps, ["cart", "pay"])["n_entries"].tolist() == [3, 0]
    assert_shows(
        funnel(steps, ["cart", "pay"], count="people"),
        """
        stage | n_entries | n_people | median_seconds
        ------+-----------+----------+---------------
        cart  | 3         | 2        |
        pay   | 1         | 1        | 86400
        """,
    )


def test_every_attempt_begins_after_the_one_before_was_over():
    """Two conversions; the cart at 09:01 belongs to the first, the one at 11:00 has no time left to convert."""
    touches = "A 09:00, A 09:01, B 09:02, A 10:00, B 10:01, A 11:00, B 13:00"
    rows = "\n".join(f"a | {name} | 2024-05-01 {at}" for name, at in map(str.split, touches.split(", ")))
    steps = steps_of("journey_id | stage | occurred_at\n" + rows)
    table = funnel(steps, ["A", "B"], "1h", entry="all", as_of=datetime.max)
    assert table[["n_entries", "n_journeys"]].to_numpy().tolist() == [[3, 1], [2, 1]]


def test_strict_order_seven_two_one():
    """The published case of seven people: 7, 2 and 1 come through with nothing between."""
    people = ["S P E", "S P", "S X P", "S P2", "S", "S E P", "S X"]
    rows = "\n".join(f"{number} | {name}" for number, names in enumerate(people) for name in names.split())
    table = funnel(steps_of("journey_id | stage\n" + rows), ["S", "P", "E"], order="strict")
    assert table["n_entries"].tolist() == [7, 2, 1]


def test_a_window_of_two_weeks_and_one_of_five_minutes():
    """The published case: three enter; two weeks let two through, after 600 s at the median, five minutes one, after 300 s."""
    steps = steps_of("""
        journey_id | occurred_at         | stage
        -----------+---------------------+------
        a          | 2024-05-01 09:00:00 | cart
        a          | 2024-05-01 09:05:00 | pay
        b          | 2024-05-01 09:00:00 | cart
        b          | 2024-05-01 09:15:00 | pay
        c          | 2024-05-01 09:00:00 | cart
    """)
    long = funnel(steps, ["cart", "pay"], "14d", as_of=datetime.max)
    short = funnel(steps, ["cart", "pay"], "5m", as_of=datetime.max)
    assert (long["n_entries"].tolist(), short["n_entries"].tolist()) == ([3, 2], [3, 1])
    assert (long["median_seconds"].iloc[1], short["median_seconds"].iloc[1]) == (600, 300)


def test_in_any_order_a_row_is_a_number_of_stages():
    steps = steps_of("journey_id | stage\na | C\na | X\na | A\na | B\nb | B\nb | A\nc | X")
    assert_shows(
        funnel(steps, ["A", "B", "C"], order="any"),
        """
        stage  | n_entries | median_seconds
        -------+-----------+---------------
        1 of 3 | 2         |
        2 of 3 | 2         | 90
        3 of 3 | 1         | 60
        """,
    )


def test_who_entered_less_than_a_window_ago_is_beside_the_rate_converted_or_not():
    steps = steps_of("""
        journey_id | occurred_at      | stage
        -----------+------------------+------
        a          | 2024-05-01 09:00 | cart
        b          | 2024-05-02 09:00 | cart
        b          | 2024-05-02 09:01 | pay
        c          | 2024-05-02 10:00 | cart
    """)
    table = funnel(steps, ["cart", "pay"], "1d", as_of=datetime(2024, 5, 3, 9))
    assert table[["n_entries", "n_open"]].to_numpy().tolist() == [[2, 1], [1, 0]]
    assert funnel(steps, ["cart", "pay"], "1d")["n_open"].tolist() == [2, 1]  # known until the last step
