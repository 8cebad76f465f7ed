"""Where journeys begin: at the first touch, after a long silence, and with a return after success."""

from tests.drawn_defaults import PURCHASE


def events(model_of, model, drawn, expected, **tables):
    model_of(model, {**PURCHASE, **tables, "events": drawn}, expected)


def test_steps_are_the_touches_of_the_journey_in_order_and_consecutive_ones_in_a_stage_are_one_visit(model_of):
    """An event without a touchpoint of the journey is no step."""
    events(
        model_of,
        "journey_steps",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | look       | 09:00
        ann       | read       | 09:01
        ann       | other      | 09:02
        ann       | cart       | 09:03
        ann       | look       | 09:04
    """,
        """
        subject_id | step_number | visit_number | stage | touchpoint | occurred_at
        -----------+-------------+--------------+-------+------------+------------
        ann        | 1           | 1            | look  | look       | 09:00
        ann        | 2           | 1            | look  | read       | 09:01
        ann        | 3           | 2            | cart  | cart       | 09:03
        ann        | 4           | 3            | look  | look       | 09:04
    """,
    )


def test_steps_of_one_instant_are_in_the_order_of_source_sequence_and_event_id(model_of):
    events(
        model_of,
        "journey_steps",
        """
        person_id | touchpoint | source_rank | sequence | event_id | occurred_at
        ----------+------------+-------------+----------+----------+------------
        ann       | help       | 2           | 1        | a        | 09:00
        ann       | buy        | 1           | 2        | b        | 09:00
        ann       | cart       | 1           | 1        | d        | 09:00
        ann       | look       | 1           | 1        | c        | 09:00
    """,
        "step_number | stage\n1 | look\n2 | cart\n3 | buy\n4 | help",
    )


def test_a_silence_of_exactly_the_gap_stays_in_the_journey_and_a_longer_one_ends_it(model_of):
    """The gap is 7 days."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+---------------------
        ann       | look       | 05-01 09:00
        ann       | look       | 05-08 09:00
        bob       | look       | 05-01 09:00
        bob       | look       | 05-08 09:00:00.000001
    """,
        """
        subject_id | started_at            | n_steps
        -----------+-----------------------+--------
        ann        | 05-01 09:00           | 2
        bob        | 05-01 09:00           | 1
        bob        | 05-08 09:00:00.000001 | 1
    """,
    )


def test_a_return_after_success_and_a_silence_longer_than_the_session_gap_begins_a_new_journey(model_of):
    """Ann looks again 30 minutes and a second after she bought; Bob after 30 minutes, which is still the same visit."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | cart       | 09:00
        ann       | buy        | 09:10
        ann       | look       | 09:40:01
        bob       | cart       | 09:00
        bob       | buy        | 09:10
        bob       | look       | 09:40
    """,
        """
        subject_id | started_at | n_steps | n_successes
        -----------+------------+---------+------------
        ann        | 09:00      | 2       | 1
        ann        | 09:40:01   | 1       | 0
        bob        | 09:00      | 3       | 1
    """,
    )


def test_support_after_success_stays_in_the_journey_whatever_the_silence_below_the_gap(model_of):
    """Success marks, it does not cut."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | cart       | 05-01 09:00
        ann       | buy        | 05-01 09:10
        ann       | help       | 05-04 09:00
    """,
        "subject_id | started_at | last_stage | n_steps\nann | 05-01 09:00 | help | 3",
    )


def test_a_return_after_support_begins_a_new_journey_too(model_of):
    """The success lies before the support; the return follows a silence of a day."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | buy        | 05-01
        ann       | help       | 05-02
        ann       | look       | 05-03
        ann       | buy        | 05-04
    """,
        """
        started_at | first_stage | last_stage | n_steps
        -----------+-------------+------------+--------
        05-01      | buy         | help       | 2
        05-03      | look        | buy        | 2
    """,
    )


def test_without_a_success_a_return_does_not_begin_a_new_journey(model_of):
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | look       | 05-01
        ann       | cart       | 05-02
        ann       | look       | 05-03
        ann       | buy        | 05-04
    """,
        "started_at | n_steps\n05-01 | 4",
    )


def test_a_second_purchase_without_a_look_before_is_the_same_journey(model_of):
    """Only a touch in a stage before success begins a new one."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at | order_id
        ----------+------------+-------------+---------
        ann       | cart       | 05-01       |
        ann       | buy        | 05-02       | 1
        ann       | buy        | 05-04       | 2
    """,
        "started_at | n_steps | n_successes\n05-01 | 3 | 2",
    )


def test_each_success_lets_one_return_begin_a_journey(model_of):
    """05-03 cuts (bought on 05-02), 05-04 does not, 05-06 does (bought on 05-05)."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at
        ----------+------------+------------
        ann       | look       | 05-01
        ann       | buy        | 05-02
        ann       | look       | 05-03
        ann       | look       | 05-04
        ann       | buy        | 05-05
        ann       | look       | 05-06
    """,
        "started_at | n_steps\n05-01 | 2\n05-03 | 3\n05-06 | 1",
    )


def test_passive_events_are_no_touches_of_a_persons_journey(model_of):
    """The delivery on 05-08 does not bridge the two weeks; alone it makes no journey."""
    events(
        model_of,
        "journeys",
        """
        person_id | touchpoint | occurred_at | is_passive
        ----------+------------+-------------+-----------
        ann       | look       | 05-01       | no
        ann       | help       | 05-08       | yes
        ann       | look       | 05-15       | no
        bob       | help       | 05-08       | yes
    """,
        "subject_id | started_at | n_steps\nann | 05-01 | 1\nann | 05-15 | 1",
    )


TICKET = "subject | gap_seconds | success_stage | success_position\nticket | | buy | 3"


def test_a_ticket_is_one_journey_whatever_the_silence_and_whoever_touches_it(model_of):
    """Passive events are facts about it; it is Ann's, who is the first one known."""
    events(
        model_of,
        "journeys",
        """
        ticket_id | person_id | touchpoint | occurred_at | is_passive
        ----------+-----------+------------+-------------+-----------
        9         |           | look       | 05-01       | no
        9         | ann       | cart       | 05-02       | no
        9         | bob       | buy        | 05-20       | yes
        9         | bob       | look       | 06-20       | no
                  | ann       | look       | 05-01       | no
    """,
        "subject_id | person_id | started_at | n_steps | n_successes\nweb:9 | ann | 05-01 | 4 | 1",
        journey_definitions=TICKET,
    )


def test_ticket_9_of_one_desk_is_not_ticket_9_of_another(model_of):
    events(
        model_of,
        "journeys",
        """
        source | ticket_id | touchpoint | occurred_at
        -------+-----------+------------+------------
        desk   | 9         | look       | 05-01
        shop   | 9         | look       | 05-02
    """,
        "subject_id | n_steps\ndesk:9 | 1\nshop:9 | 1",
        journey_definitions=TICKET,
    )


def test_an_accounts_journey_has_a_gap_only_if_the_definition_names_one(model_of):
    drawn = """
        account_id | person_id | touchpoint | occurred_at
        -----------+-----------+------------+------------
        acme       | ann       | buy        | 05-01
        acme       | bob       | look       | 05-20
    """
    whole = "subject | gap_seconds | success_position\naccount | | 3"
    cut = "subject | gap_seconds | success_position\naccount | 7 * 86400 | 3"
    events(model_of, "journeys", drawn, "subject_id | n_steps\nweb:acme | 2", journey_definitions=whole)
    events(model_of, "journeys", drawn, "subject_id | n_steps\nweb:acme | 1\nweb:acme | 1", journey_definitions=cut)


def test_journeys_of_sessions_and_of_orders(model_of):
    drawn = """
        session_id | order_id | person_id | touchpoint | occurred_at
        -----------+----------+-----------+------------+------------
        s1         |          | ann       | look       | 09:00
        s1         | 1        | ann       | buy        | 09:01
        s2         | 1        | ann       | help       | 12:00
    """
    session = "subject | gap_seconds | success_position\nsession | | 3"
    order = "subject | gap_seconds | success_position\norder | | 3"
    events(model_of, "journeys", drawn, "subject_id | n_steps\ns1 | 2\ns2 | 1", journey_definitions=session)
    events(model_of, "journeys", drawn, "subject_id | n_steps\nweb:1 | 2", journey_definitions=order)


def test_one_event_may_be_a_touch_of_two_journeys(model_of):
    both = "journey | gap_seconds | success_position\npurchase | 7 * 86400 | 1\nsupport | 7 * 86400 | 2"
    model_of(
        "journey_steps",
        {
            "journey_definitions": both,
            "stages": "journey | stage | position\npurchase | buy | 1\nsupport | order | 1",
            "stage_touchpoints": "journey | stage | touchpoint\npurchase | buy | pay\nsupport | order | pay",
            "events": "person_id | touchpoint | occurred_at\nann | pay | 09:00",
        },
        "journey | stage | step_number\npurchase | buy | 1\nsupport | order | 1",
    )
