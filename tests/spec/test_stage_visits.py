"""Stage visits and the moves between them."""

from tests.drawn_text import for_everyone

STEPS = """
    journey_id | person_id | step_number | visit_number | stage | occurred_at
    -----------+-----------+-------------+--------------+-------+------------
    a          | ann       | 1           | 1            | look  | 09:00
    a          | ann       | 2           | 1            | look  | 09:10
    a          | ann       | 3           | 2            | cart  | 09:30
    a          | ann       | 4           | 3            | look  | 09:40
    a          | ann       | 5           | 3            | look  | 09:45
    b          | ann       | 1           | 1            | look  | 12:00
    c          | bob       | 1           | 1            | look  | 09:00
    c          | bob       | 2           | 2            | cart  | 09:01
    d          | cid       | 1           | 1            | look  | 09:00
    d          | cid       | 2           | 2            | cart  | 09:02
"""
OUTCOMES = """
    journey_id | person_id | outcome   | is_mature | last_stage | started_at
    -----------+-----------+-----------+-----------+------------+-----------
    a          | ann       | dropped   | yes       | look       | 09:00
    b          | ann       | active    | yes       | look       | 12:00
    c          | bob       | succeeded | yes       | cart       | 09:00
    d          | cid       | open      | no        | cart       | 05-02
"""


def test_a_visit_lasts_until_the_next_stage_is_entered_and_the_last_one_until_its_last_step(model_of):
    model_of(
        "stage_visits",
        {"journey_steps": STEPS},
        """
        journey_id | visit_number | stage | entered_at | left_at | stay_seconds | next_stage | handover_seconds | n_steps
        -----------+--------------+-------+------------+---------+--------------+------------+------------------+--------
        a          | 1            | look  | 09:00      | 09:30   | 30 * 60      | cart       | 20 * 60          | 2
        a          | 2            | cart  | 09:30      | 09:40   | 10 * 60      | look       | 10 * 60          | 1
        a          | 3            | look  | 09:40      | 09:45   | 5 * 60       |            |                  | 2
        b          | 1            | look  | 12:00      | 12:00   | 0            |            |                  | 1
        c          | 1            | look  | 09:00      | 09:01   | 60           | cart       | 60               | 1
        c          | 2            | cart  | 09:01      | 09:01   | 0            |            |                  | 1
        d          | 1            | look  | 09:00      | 09:02   | 120          | cart       | 120              | 1
        d          | 2            | cart  | 09:02      | 09:02   | 0            |            |                  | 1
    """,
    )


def test_transitions_lead_from_the_start_through_the_stages_to_the_end(model_of):
    """From look: cart twice (20 minutes, one minute), dropped once, active once; the open journey stands beside."""
    model_of(
        "transitions",
        {
            "journey_steps": STEPS,
            "journey_outcomes": OUTCOMES,
            "periods": """
        measure          | first_on | last_on
        -----------------+----------+--------
        journey:purchase | 05-01    | 05-02
    """,
        },
        """
        persona | from_stage | to_stage  | n_transitions | n_journeys | n_people | probability | median_seconds | n_open
        --------+------------+-----------+---------------+------------+----------+-------------+----------------+-------
        (all)   | (start)    | look      | 3             | 3          | 2        | 1           |                | 1
        (all)   | look       | cart      | 2             | 2          | 2        | 2 / 4       | (1200 + 60)/2  | 1
        (all)   | look       | (dropped) | 1             | 1          | 1        | 1 / 4       |                | 0
        (all)   | look       | (active)  | 1             | 1          | 1        | 1 / 4       |                | 0
        (all)   | cart       | look      | 1             | 1          | 1        | 1 / 2       | 600            | 0
        (all)   | cart       | (success) | 1             | 1          | 1        | 1 / 2       |                | 0
        (all)   | cart       | (open)    | 0             | 0          | 0        | 0           |                | 1
        other   | (start)    | look      | 3             | 3          | 2        | 1           |                | 1
        other   | look       | cart      | 2             | 2          | 2        | 2 / 4       | (1200 + 60)/2  | 1
        other   | look       | (dropped) | 1             | 1          | 1        | 1 / 4       |                | 0
        other   | look       | (active)  | 1             | 1          | 1        | 1 / 4       |                | 0
        other   | cart       | look      | 1             | 1          | 1        | 1 / 2       | 600            | 0
        other   | cart       | (success) | 1             | 1          | 1        | 1 / 2       |                | 0
        other   | cart       | (open)    | 0             | 0          | 0        | 0           |                | 1
    """,
    )


def test_the_percentiles_of_a_move_are_continuous_and_the_tail_is_the_90th(model_of):
    """Hand-overs of 60 and 1200 seconds: 90 % of the way between them."""
    model_of(
        "transitions",
        {
            "stage_visits": """
            journey_id | stage | next_stage | handover_seconds
            -----------+-------+------------+-----------------
            a          | look  | cart       | 60
            b          | look  | cart       | 1200
        """,
            "journey_periods": "journey_id | cluster | is_mature\na | a | yes\nb | b | yes",
        },
        for_everyone("""
        from_stage | median_seconds | p90_seconds
        -----------+----------------+---------------
        (start)    |                |
        look       | 630            | 60 + 0.9 * 1140
    """),
    )


def test_touchpoints_are_counted_by_the_mature_journeys_that_use_them_in_the_stage(model_of):
    """Of two journeys that visit the stage, one reads reviews there, twice."""
    model_of(
        "stage_touchpoint_use",
        {
            "journey_steps": """
            journey_id | step_number | stage | touchpoint | channel
            -----------+-------------+-------+------------+--------
            a          | 1           | look  | review     | web
            a          | 2           | look  | review     | web
            a          | 3           | look  | page       |
            b          | 1           | look  | page       |
            c          | 1           | look  | review     | web
        """,
            "journey_periods": """
                journey_id | person_id | cluster | is_mature
                a          | ann       | ann     | yes
                b          | ann       | ann     | yes
                c          | cid       | cid     | no
            """,
            "stage_visits": "journey_id | stage\na | look\nb | look\nc | look",
        },
        for_everyone("""
        touchpoint | channel | n_journeys | n_people | n_steps | share_of_journeys
        -----------+---------+------------+----------+---------+------------------
        review     | web     | 1          | 1        | 2       | 1 / 2
        page       |         | 2          | 1        | 2       | 2 / 2
    """),
    )
