"""login_success_rate: an attempt is one person's tries, each at most five minutes after the one before."""


def logins(kpi_of, events, expected, as_of="06-30"):
    kpi_of("login_success_rate", as_of, {"events": events}, expected)


def test_tries_within_five_minutes_of_each_other_are_one_attempt(kpi_of):
    """Ann: 09:00, 09:05, 09:10, then success; Bob's second try is a second too late for the same attempt."""
    logins(
        kpi_of,
        """
        person_id | role            | occurred_at
        ----------+-----------------+------------
        ann       | login_tried     | 09:00
        ann       | login_tried     | 09:05
        ann       | login_tried     | 09:10
        ann       | login_succeeded | 09:11
        bob       | login_tried     | 09:00
        bob       | login_tried     | 09:05:01
        bob       | login_succeeded | 09:06
    """,
        """
        person_id | entered_at | value | is_mature
        ----------+------------+-------+----------
        ann       | 09:00      | 1     | yes
        bob       | 09:00      | 0     | yes
        bob       | 09:05:01   | 1     | yes
    """,
    )


def test_the_success_comes_within_five_minutes_after_the_last_try(kpi_of):
    logins(
        kpi_of,
        """
        person_id | role            | occurred_at
        ----------+-----------------+------------
        ann       | login_tried     | 09:00
        ann       | login_tried     | 09:04
        ann       | login_succeeded | 09:09
        bob       | login_tried     | 09:00
        bob       | login_succeeded | 09:05:00.000001
        cid       | login_succeeded | 08:59
        cid       | login_tried     | 09:00
    """,
        """
        person_id | entered_at | value
        ----------+------------+------
        ann       | 09:00      | 1
        bob       | 09:00      | 0
        cid       | 09:00      | 0
    """,
    )


def test_a_success_at_the_instant_of_the_try_follows_it_in_the_order_of_events(kpi_of):
    logins(
        kpi_of,
        """
        person_id | role            | sequence | occurred_at
        ----------+-----------------+----------+------------
        ann       | login_tried     | 1        | 09:00
        ann       | login_succeeded | 2        | 09:00
    """,
        "value\n1",
    )


def test_somebody_elses_success_does_not_count_and_nobodys_try_is_no_attempt(kpi_of):
    logins(
        kpi_of,
        """
        person_id | role            | occurred_at
        ----------+-----------------+------------
        ann       | login_tried     | 09:00
        bob       | login_succeeded | 09:01
                  | login_tried     | 09:00
    """,
        "person_id | value\nann | 0",
    )


def test_an_attempt_is_mature_five_minutes_after_its_last_try(kpi_of):
    tries = "person_id | role | occurred_at\nann | login_tried | 09:00\nann | login_tried | 09:03"
    logins(kpi_of, tries, "entered_at | is_mature\n09:00 | yes", as_of="09:08")
    logins(kpi_of, tries, "entered_at | is_mature\n09:00 | no", as_of="09:07:59")
