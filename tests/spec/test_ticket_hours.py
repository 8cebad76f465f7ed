"""first_response_hours (within 3 days) and resolution_hours (within 14 days) of tickets."""

import pytest

KPIS = [
    ("first_response_hours", "first_response", "05-04 09:00", "05-04 09:00:01", 3 * 24),
    ("resolution_hours", "resolved", "05-15 09:00", "05-15 09:00:01", 14 * 24),
]


@pytest.mark.parametrize(("kpi", "role", "last_moment", "too_late", "hours"), KPIS)
def test_hours_run_from_opening_to_the_first_answer_within_the_window(kpi_of, kpi, role, last_moment, too_late, hours):
    """A ticket without an answer in time has no value, and is counted; answers without an opening are not."""
    kpi_of(
        kpi,
        "06-30",
        {
            "events": f"""
        ticket_id | person_id | role          | occurred_at
        ----------+-----------+---------------+--------------
        1         | ann       | ticket_opened | 05-01 09:00
        1         | kim       | {role}        | 05-01 10:30
        1         | kim       | {role}        | 05-02 10:30
        2         | ann       | ticket_opened | 05-01 09:00
        2         | kim       | {role}        | {last_moment}
        3         | bob       | ticket_opened | 05-01 09:00
        3         | kim       | {role}        | {too_late}
        4         | bob       | ticket_opened | 05-01 09:00
        5         | kim       | {role}        | 05-01 09:00
                  | kim       | ticket_opened | 05-01 09:00
    """
        },
        f"""
        unit_id | person_id | entered_at  | value | is_mature
        --------+-----------+-------------+-------+----------
        web:1   | ann       | 05-01 09:00 | 1.5   | yes
        web:2   | ann       | 05-01 09:00 | {hours} | yes
        web:3   | bob       | 05-01 09:00 |       | yes
        web:4   | bob       | 05-01 09:00 |       | yes
    """,
    )


@pytest.mark.parametrize(("kpi", "role", "last_moment", "too_late", "hours"), KPIS)
def test_a_ticket_is_mature_when_its_window_is_over_even_if_it_was_answered_before(
    kpi_of, kpi, role, last_moment, too_late, hours
):
    kpi_of(
        kpi,
        last_moment,
        {
            "events": f"""
        ticket_id | person_id | role          | occurred_at
        ----------+-----------+---------------+----------------
        1         | ann       | ticket_opened | 05-01 09:00
        2         | ann       | ticket_opened | 05-01 09:00:01
        2         | kim       | {role}        | 05-01 10:00:01
    """
        },
        "unit_id | value | is_mature\nweb:1 | | yes\nweb:2 | 1 | no",
    )


def test_ticket_1_of_one_desk_is_not_ticket_1_of_another(kpi_of):
    kpi_of(
        "first_response_hours",
        "06-30",
        {
            "events": """
        source | ticket_id | role           | occurred_at
        -------+-----------+----------------+------------
        desk   | 1         | ticket_opened  | 09:00
        shop   | 1         | first_response | 10:00
    """
        },
        "unit_id | value\ndesk:1 |",
    )


def test_an_answer_dated_before_the_opening_hides_none_that_follows(kpi_of):
    """The clock of whoever answered first runs late; the second answer, two hours after the opening, is the first that counts."""
    kpi_of(
        "first_response_hours",
        "06-30",
        {
            "events": """
        ticket_id | role           | occurred_at
        ----------+----------------+------------
        1         | first_response | 08:59
        1         | ticket_opened  | 09:00
        1         | first_response | 11:00
    """
        },
        "unit_id | value\nweb:1 | 2",
    )


def test_a_ticket_id_that_names_nothing_is_no_ticket(kpi_of):
    kpi_of(
        "first_response_hours",
        "06-30",
        {
            "blocked_identifiers": "kind | namespace | value\nticket | web | 0",
            "events": """
        ticket_id | person_id | role           | occurred_at
        ----------+-----------+----------------+------------
        0         | ann       | ticket_opened  | 05-01 09:00
        0         | kim       | first_response | 05-01 10:00
        1         | bob       | ticket_opened  | 05-01 09:00
        1         | kim       | first_response | 05-01 11:00
    """,
        },
        """
        unit_id | person_id | entered_at  | value | is_mature
        --------+-----------+-------------+-------+----------
        web:1   | bob       | 05-01 09:00 | 2     | yes
    """,
    )
