"""Journeys and what becomes of them."""

from tests.drawn_defaults import PURCHASE


def journeys(model_of, model, events, expected):
    model_of(model, {**PURCHASE, "events": events}, expected)


def test_successes_are_counted_by_order_ids(model_of):
    """Order 1 is confirmed twice; order 2 comes later in the journey."""
    journeys(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at | order_id
        ----------+------------+-------------+---------
        ann       | cart       | 09:00       |
        ann       | buy        | 09:10       | 1
        ann       | help       | 09:11       | 1
        ann       | buy        | 09:12       | 1
        ann       | buy        | 09:13       | 2
    """,
        "n_successes | n_visits | first_success_at | is_direct\n2 | 4 | 09:10 | no",
    )


def test_without_order_ids_successes_are_the_visits_to_the_success_stage(model_of):
    journeys(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | cart       | 09:00
        ann       | buy        | 09:10
        ann       | buy        | 09:11
        ann       | help       | 09:12
        ann       | buy        | 09:13
    """,
        "n_successes | n_visits\n2 | 4",
    )


def test_order_1_of_one_shop_and_order_1_of_another_are_two_successes(model_of):
    journeys(
        model_of,
        "journeys",
        """
        source | person_id | touchpoint | occurred_at | order_id
        -------+-----------+------------+-------------+---------
        shop   | ann       | buy        | 09:10       | 1
        kiosk  | ann       | buy        | 09:12       | 1
    """,
        "n_successes\n2",
    )


def test_a_success_without_an_earlier_touch_is_direct(model_of):
    journeys(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | buy        | 09:00
        ann       | help       | 09:10
        bob       | look       | 09:00
        bob       | buy        | 09:10
    """,
        """
        subject_id | is_direct | first_stage | n_successes
        -----------+-----------+-------------+------------
        ann        | yes       | buy         | 1
        bob        | no        | look        | 1
    """,
    )


def test_a_journey_has_the_persona_of_the_session_in_which_it_began(model_of):
    """Ann began on her mobile and bought at her desk."""
    model_of(
        "journeys",
        {
            **PURCHASE,
            "persona_rules": "persona | position | device_type\nmobile | 1 | mobile\ndesk | 2 | desktop",
            "events": """
            session_id | person_id | touchpoint | device_type | channel | occurred_at
            -----------+-----------+------------+-------------+---------+------------
            a1         | ann       | look       | mobile      | search  | 09:00
            a2         | ann       | buy        | desktop     | direct  | 12:00
            b1         | bob       | look       | tablet      | direct  | 12:00
        """,
        },
        """
        subject_id | persona | first_channel | first_touchpoint
        -----------+---------+---------------+-----------------
        ann        | mobile  | search        | look
        bob        | other   | direct        | look
    """,
    )


def test_a_journey_that_begins_outside_any_session_has_the_persona_of_the_persons_latest_session_by_then(model_of):
    """The desk has no sessions of its own. Ann was last seen on her mobile; the same ticket has the same persona as a unit of a KPI."""
    tables = {
        "journey_definitions": "subject | gap_seconds | success_position | as_of\nticket | | 3 | 06-30",
        "stages": PURCHASE["stages"],
        "stage_touchpoints": PURCHASE["stage_touchpoints"],
        "persona_rules": "persona | position | device_type\nmobile | 1 | mobile\ndesk | 2 | desktop",
        "kpi_targets": "kpi | window_seconds | as_of\nfirst_response_hours | 3600 | 06-30",
        "events": """
            session_id | person_id | ticket_id | touchpoint | role          | device_type | occurred_at
            -----------+-----------+-----------+------------+---------------+-------------+------------
            a1         | ann       |           |            |               | mobile      | 05-01
                       | ann       | 9         | help       | ticket_opened |             | 05-02
            a2         | ann       |           |            |               | desktop     | 05-03
        """,
    }
    model_of("kpi_units", tables, "unit_id | persona\nweb:9 | mobile")
    model_of("journeys", tables, "subject_id | persona\nweb:9 | mobile")


def outcome(model_of, as_of, journey, expected):
    """One journey, begun on 1 May 09:00; window and gap are 7 days."""
    definition = f"as_of\n{as_of}"
    drawn = f"started_at | last_step_at | first_success_at\n{journey}"
    model_of(
        "journey_outcomes",
        {"journey_definitions": definition, "journeys": drawn},
        f"outcome | is_mature | succeeded_at | seconds_to_success\n{expected}",
    )


def test_a_success_at_the_very_end_of_the_window_counts(model_of):
    outcome(model_of, "06-30", "05-01 09:00 | 05-08 09:00 | 05-08 09:00", "succeeded | yes | 05-08 09:00 | 7 * 86400")


def test_a_success_after_the_window_does_not_count(model_of):
    outcome(model_of, "06-30", "05-01 09:00 | 05-09 | 05-08 09:00:00.000001", "dropped | yes | |")


def test_a_journey_is_mature_from_the_instant_its_window_is_over(model_of):
    outcome(model_of, "05-08 09:00", "05-01 09:00 | 05-01 10:00 | 05-01 10:00", "succeeded | yes | 05-01 10:00 | 3600")


def test_until_then_it_is_open_even_if_it_has_succeeded(model_of):
    outcome(model_of, "05-08 08:59:59", "05-01 09:00 | 05-01 10:00 | 05-01 10:00", "open | no | 05-01 10:00 | 3600")
    outcome(model_of, "05-08 08:59:59", "05-01 09:00 | 05-01 10:00 |", "open | no | |")


def test_a_mature_journey_is_active_until_it_has_been_silent_for_longer_than_the_gap(model_of):
    """The last step is on 10 May 09:00; on 17 May 09:00 the silence is exactly 7 days."""
    outcome(model_of, "05-17 09:00", "05-01 09:00 | 05-10 09:00 |", "active | yes | |")
    outcome(model_of, "05-17 09:00:01", "05-01 09:00 | 05-10 09:00 |", "dropped | yes | |")


def test_a_ticket_without_a_gap_is_dropped_when_its_window_is_over(model_of):
    model_of(
        "journey_outcomes",
        {
            "journey_definitions": "subject | gap_seconds | as_of\nticket | | 06-30",
            "journeys": "started_at | last_step_at | first_success_at\n05-01 | 06-29 |",
        },
        "outcome | is_mature\ndropped | yes",
    )


def test_mature_journeys_are_those_that_succeeded_were_dropped_or_are_active(model_of):
    """Of five journeys four are mature, one of them direct; 2 of 4 succeeded. Ann counts once among the people."""
    model_of(
        "journey_totals",
        {
            "journey_definitions": "journey\npurchase",
            "journey_outcomes": """
        journey_id | person_id | persona | outcome   | is_mature | is_direct | started_at
        -----------+-----------+---------+-----------+-----------+-----------+-----------
        1          | ann       | new     | succeeded | yes       | yes       | 05-01
        2          | ann       | loyal   | dropped   | yes       | no        | 05-09
        3          | bob       | new     | active    | yes       | no        | 05-02
        4          | cid       | new     | succeeded | yes       | no        | 05-03
        5          | dan       | new     | open      | no        | no        | 05-12
    """,
        },
        """
        persona | period  | n_journeys | n_people | n_succeeded | n_dropped | n_active | n_open | n_direct | conversion_rate | last_on
        --------+---------+------------+----------+-------------+-----------+----------+--------+----------+-----------------+--------
        (all)   | all     | 4          | 3        | 2           | 1         | 1        | 1      | 1        | 2 / 4           | 05-09
        (all)   | current | 4          | 3        | 2           | 1         | 1        | 0      | 1        | 2 / 4           | 05-09
        new     | all     | 3          | 3        | 2           | 0         | 1        | 1      | 1        | 2 / 3           | 05-03
        new     | current | 3          | 3        | 2           | 0         | 1        | 0      | 1        | 2 / 3           | 05-03
        loyal   | all     | 1          | 1        | 0           | 1         | 0        | 0      | 0        | 0               | 05-09
        loyal   | current | 1          | 1        | 0           | 1         | 0        | 0      | 0        | 0               | 05-09
    """,
    )


def test_an_id_that_names_nothing_is_nobodys_journey_and_no_order_of_a_step(model_of):
    tables = {
        **PURCHASE,
        "journey_definitions": "subject | gap_seconds | success_position | as_of\norder | | 3 | 06-30",
        "blocked_identifiers": "kind | namespace | value\norder | web | -",
        "events": """
            person_id | order_id | touchpoint | occurred_at
            ----------+----------+------------+------------
            ann       | 1        | buy        | 09:00
            ann       | -        | buy        | 09:10
            bob       | -        | buy        | 09:20
        """,
    }
    model_of("journeys", tables, "subject_id\nweb:1")
    of_people = {**PURCHASE, "blocked_identifiers": tables["blocked_identifiers"], "events": tables["events"]}
    model_of("journey_steps", of_people, "person_id | order_key\nann | web:1\nann |\nbob |")


def test_an_account_that_names_nothing_is_nobodys_journey(model_of):
    tables = {
        **PURCHASE,
        "journey_definitions": "subject | gap_seconds | success_position | as_of\naccount | | 3 | 06-30",
        "blocked_identifiers": "kind | namespace | value\naccount | web | null",
        "events": """
            person_id | account_id | touchpoint | occurred_at
            ----------+------------+------------+------------
            ann       | acme       | buy        | 09:00
            ann       | null       | buy        | 09:10
            bob       | null       | buy        | 09:20
        """,
    }
    model_of("journeys", tables, "subject_id\nweb:acme")
