"""csat_score and csat_mean: how customers rate."""

RATINGS = """
    person_id | ticket_id | event_id | role  | rating | rating_max | occurred_at
    ----------+-----------+----------+-------+--------+------------+------------
    ann       | 1         | a        | rated | 5      | 5          | 09:00
    ann       | 2         | b        | rated | 4      |            | 09:10
    bob       | 3         | c        | rated | 3      | 5          | 09:20
              | 4         | d        | rated | 8      | 10         | 09:30
    bob       | 5         | e        | rated | 7.9    | 10         | 09:40
    bob       | 6         | f        | rated |        | 5          | 09:50
    bob       | 7         | g        |       | 5      | 5          | 09:55
"""


def test_satisfied_is_a_rating_among_the_top_two_of_five_or_at_least_four_fifths_of_another_scale(kpi_of):
    """A rating without a number is none; ratings are mature at once."""
    kpi_of(
        "csat_score",
        "06-30",
        {"events": RATINGS},
        """
        unit_id | person_id | subject_id | entered_at | value | is_mature
        --------+-----------+------------+------------+-------+----------
        web:a   | ann       | web:1      | 09:00      | 1     | yes
        web:b   | ann       | web:2      | 09:10      | 1     | yes
        web:c   | bob       | web:3      | 09:20      | 0     | yes
        web:d   |           | web:4      | 09:30      | 1     | yes
        web:e   | bob       | web:5      | 09:40      | 0     | yes
    """,
    )


def test_the_mean_is_of_ratings_on_a_scale_of_five(kpi_of):
    kpi_of(
        "csat_mean",
        "06-30",
        {"events": RATINGS},
        "unit_id | value | is_mature\nweb:a | 5 | yes\nweb:b | 4 | yes\nweb:c | 3 | yes",
    )
