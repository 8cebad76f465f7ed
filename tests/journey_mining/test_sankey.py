"""Sankey links: journeys unrolled visit by visit, nothing lost on the way."""

import pytest

from journey_mining import ArgumentError, sankey
from tests.journey_mining.drawn import assert_shows, steps_of


def journeys_of(*paths: str):
    """One journey per path, 'A B B succeeded': its stages, then its outcome."""
    rows = [
        f"{number} | {stage} | {path.split()[-1]}" for number, path in enumerate(paths) for stage in path.split()[:-1]
    ]
    return steps_of("journey_id | stage | outcome\n" + "\n".join(rows))


def test_every_journey_starts_in_column_0_and_leaves_at_the_column_after_its_last_visit():
    assert_shows(
        sankey(journeys_of("A A B succeeded", "A dropped", "B open", "A B active")),
        """
        step | source  | target    | n_journeys | n_open | share
        -----+---------+-----------+------------+--------+------
        0    | (start) | A         | 3          | 0      | 1
        0    | (start) | B         | 0          | 1      | 0
        1    | A       | B         | 2          | 0      | 2 / 3
        1    | A       | (dropped) | 1          | 0      | 1 / 3
        1    | B       | (open)    | 0          | 1      | 0
        2    | B       | (active)  | 1          | 0      | 1 / 3
        2    | B       | (success) | 1          | 0      | 1 / 3
        """,
    )


def test_what_goes_on_after_the_last_column_goes_to_more_and_what_ends_there_ends():
    assert_shows(
        sankey(journeys_of("A B A succeeded", "A B succeeded"), max_steps=2),
        """
        step | source  | target    | n_journeys
        -----+---------+-----------+-----------
        0    | (start) | A         | 2
        1    | A       | B         | 2
        2    | B       | (more)    | 1
        2    | B       | (success) | 1
        """,
    )


def test_per_column_the_largest_names_stay_and_the_others_are_other():
    """Column 1 keeps A (3) and, of B and C with one each, B; column 2 keeps C (2) and A."""
    links = sankey(
        journeys_of("A C dropped", "A C dropped", "A dropped", "B A dropped", "C B dropped"), top=2, max_steps=3
    )
    assert_shows(
        links,
        """
        step | source  | target    | n_journeys
        -----+---------+-----------+-----------
        0    | (start) | A         | 3
        0    | (start) | (other)   | 1
        0    | (start) | B         | 1
        1    | A       | C         | 2
        1    | (other) | (other)   | 1
        1    | A       | (dropped) | 1
        1    | B       | A         | 1
        2    | C       | (dropped) | 2
        2    | (other) | (dropped) | 1
        2    | A       | (dropped) | 1
        """,
    )


def test_by_touchpoint_a_repeated_step_is_a_column_of_its_own():
    links = sankey(journeys_of("A A dropped").drop(columns="outcome"), by="touchpoint")
    assert_shows(
        links,
        "step | source | target | n_journeys\n0 | (start) | A | 1\n1 | A | A | 1\n2 | A | (end) | 1",
    )


@pytest.mark.parametrize("argument", ["max_steps", "top"])
def test_a_diagram_needs_a_column_and_a_name(argument):
    with pytest.raises(ArgumentError, match=f"{argument}: at least 1, not 0"):
        sankey(journeys_of("A dropped"), **{argument: 0})
