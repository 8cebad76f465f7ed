"""conversion_rate and hours_to_success: journeys that succeed within their window."""

JOURNEYS = {
    "journey_definitions": "journey\npurchase\nsupport",
    "journeys": """
    journey_id | journey  | person_id | started_at  | first_success_at
    -----------+----------+-----------+-------------+-----------------
    1          | purchase | ann       | 05-01 09:00 | 05-01 10:30
    2          | purchase | bob       | 05-01 09:00 |
    3          | purchase | cid       | 06-25 09:00 | 06-25 09:30
    4          | support  | dan       | 05-01 09:00 | 05-01 09:30
""",
}


def test_a_journey_converts_when_it_succeeds_within_its_window(kpi_of):
    """Of the journey that the KPI names; an immature one is a unit, and in no rate. The window is 7 days."""
    kpi_of(
        "conversion_rate",
        "06-30",
        JOURNEYS,
        """
        unit_id | person_id | entered_at  | value | is_mature
        --------+-----------+-------------+-------+----------
        1       | ann       | 05-01 09:00 | 1     | yes
        2       | bob       | 05-01 09:00 | 0     | yes
        3       | cid       | 06-25 09:00 | 1     | no
    """,
    )


def test_hours_to_success_are_of_journeys_that_succeeded(kpi_of):
    kpi_of(
        "hours_to_success",
        "06-30",
        JOURNEYS,
        """
        unit_id | value | is_mature
        --------+-------+----------
        1       | 1.5   | yes
        3       | 0.5   | no
    """,
    )


def test_the_last_instant_of_the_window_converts_and_the_next_does_not(kpi_of):
    """The window is 7 days from the first step."""
    kpi_of(
        "conversion_rate",
        "06-30",
        {
            "journey_definitions": "as_of\n06-30",
            "journeys": """
            journey_id | started_at  | first_success_at      | last_step_at
            -----------+-------------+-----------------------+---------------------
            1          | 05-01 09:00 | 05-08 09:00           | 05-08 09:00
            2          | 05-01 09:00 | 05-08 09:00:00.000001 | 05-08 09:00:00.000001
        """,
        },
        "unit_id | value\n1 | 1\n2 | 0",
    )
