"""Step matrices, from the start and around an anchor."""

import pandas as pd
import pytest

from journey_mining import Anchor, ArgumentError, step_matrix, wide
from tests.journey_mining.drawn import assert_shows, steps_of

WORKED = {"user_1": "ABCABCBBB", "user_2": "ABABCC", "user_3": "BBB"}
"""The example that retentioneering's documents work out."""


def journeys_of(paths, **columns):
    """Journeys with a letter per step, a minute apart, each of a person of its own."""
    rows = [
        {"journey_id": journey, "person_id": journey, "step_number": n, "touchpoint": letter, "stage": letter}
        | {"occurred_at": pd.Timestamp("2024-05-01 09:00") + pd.Timedelta(minutes=n)}
        | {column: values[journey] for column, values in columns.items()}
        for journey, path in paths.items()
        for n, letter in enumerate(path, start=1)
    ]
    return pd.DataFrame(rows)


def test_the_worked_example_of_retentioneering():
    found = wide(step_matrix(journeys_of(WORKED), max_steps=5, by="touchpoint")).reset_index()
    found.columns = [str(column) for column in found.columns]
    assert_shows(
        found,
        """
        name    | 0 | 1     | 2 | 3     | 4     | 5
        --------+---+-------+---+-------+-------+------
        (start) | 1 | 0     | 0 | 0     | 0     | 0
        B       | 0 | 1 / 3 | 1 | 1 / 3 | 1 / 3 | 1 / 3
        A       | 0 | 2 / 3 | 0 | 1 / 3 | 1 / 3 | 0
        C       | 0 | 0     | 0 | 1 / 3 | 0     | 1 / 3
        (ended) | 0 | 0     | 0 | 0     | 1 / 3 | 1 / 3
        """,
    )


def test_around_an_anchor_what_has_not_begun_is_start_and_only_journeys_with_it_count():
    table = step_matrix(journeys_of({"a": "XCY", "b": "CC", "c": "XXX"}), max_steps=2, by="touchpoint", anchor="C")
    assert_shows(
        table,
        """
        step | name    | n_journeys | share | coverage
        -----+---------+------------+-------+---------
        -2   | (start) | 2          | 1     | 2 / 3
        -1   | (start) | 1          | 1 / 2 | 2 / 3
        -1   | X       | 1          | 1 / 2 | 2 / 3
        0    | C       | 2          | 1     | 2 / 3
        1    | C       | 1          | 1 / 2 | 2 / 3
        1    | Y       | 1          | 1 / 2 | 2 / 3
        2    | (ended) | 2          | 1     | 2 / 3
        """,
    )


@pytest.mark.parametrize(
    ("anchor", "name"),
    [
        (Anchor("A"), "A"),
        (Anchor("A", offset=1), "B"),
        (Anchor("A", occurrence="last", offset=1), "D"),
        (Anchor("A", occurrence=2, offset="-2m"), "B"),
        (Anchor("A", offset="90s"), "C"),
        (Anchor("A", offset="-30s"), "(start)"),
        (Anchor("D", offset=1), "(ended)"),
        (Anchor("B->C", at=0), "B"),
        (Anchor("B->C"), "C"),
        (Anchor("(end)", offset=-1), "D"),
    ],
)
def test_an_anchor_is_the_n_th_place_of_a_position_moved_by_steps_or_time(anchor, name):
    table = step_matrix(journeys_of({"j": "ABCAD"}), max_steps=1, by="touchpoint", anchor=anchor)
    assert table[table["step"] == 0]["name"].tolist() == [name]


def test_a_pattern_gives_a_matrix_for_each_of_its_parts_from_one_match():
    """C is only looked for after an A with less than three minutes to it: the second A."""
    steps = journeys_of({"j": "AXXXACB", "k": "AXXX"})
    table = step_matrix(steps, max_steps=1, by="touchpoint", pattern="A->.*->[<3m]C->B")
    assert_shows(
        table,
        """
        part | step | name | n_journeys
        -----+------+------+-----------
        1    | -1   | X    | 1
        1    | 0    | A    | 1
        1    | 1    | C    | 1
        2    | -1   | A    | 1
        2    | 0    | C    | 1
        2    | 1    | B    | 1
        """,
    )


def test_open_journeys_are_in_no_share_and_counted_beside():
    steps = journeys_of({"a": "AB", "b": "A"}, outcome={"a": "succeeded", "b": "open"})
    assert_shows(
        step_matrix(steps, max_steps=2),
        """
        step | name    | n_journeys | share | n_open
        -----+---------+------------+-------+-------
        0    | (start) | 1          | 1     | 1
        1    | A       | 1          | 1     | 1
        2    | B       | 1          | 1     | 0
        2    | (ended) | 0          | 0     | 1
        """,
    )


def test_per_step_the_largest_names_stay_and_the_others_are_other():
    table = step_matrix(journeys_of({"a": "AB", "b": "AC", "c": "BC"}), max_steps=2, top=1)
    assert_shows(
        table[table["step"] > 0],
        """
        step | name    | n_journeys
        -----+---------+-----------
        1    | A       | 2
        1    | (other) | 1
        2    | C       | 2
        2    | (other) | 1
        """,
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"anchor": "a"}, "pattern: no touchpoint 'a'"),
        ({"anchor": "A", "pattern": "A"}, "give one"),
        ({"max_steps": 0}, "at least 1, not 0"),
        ({"anchor": Anchor("A", occurrence=9)}, "no journey has Anchor"),
        ({"anchor": Anchor("A", occurrence="all")}, "'first', 'last' or a number from 1, not 'all'"),
        ({"anchor": Anchor("A->B", at=2)}, "'A->B' has 2 positions, none at 2"),
        ({"anchor": Anchor("A", offset="30")}, "offset: '30' is no length of time"),
        ({"pattern": "A->C->.*->B"}, "of 1 that have all the names in it, 1 come as far as 'A', none to 'C'"),
        ({"pattern": "C->.*->D"}, "no journey matches 'C->.*->D'; none has all the names in it"),
    ],
)
def test_an_error_says_what_to_do(arguments, complaint):
    with pytest.raises(ArgumentError, match=complaint.replace("*", r"\*")):
        step_matrix(journeys_of({"a": "ABC", "b": "AD"}), by="touchpoint", **arguments)


def test_the_table_of_drawn_steps_needs_no_person():
    steps = steps_of("journey_id | stage\n1 | A\n1 | B")
    assert step_matrix(steps, max_steps=1)["share"].tolist() == [1, 1]
