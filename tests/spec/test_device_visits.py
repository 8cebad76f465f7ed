"""Device visits: whose an anonymous visit on a shared device is."""


def test_an_anonymous_visit_belongs_to_the_next_login_on_its_device(model_of):
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        phone     |         | 05-01
        phone     | ann     | 05-20
    """
        },
        """
        occurred_at | person_id
        ------------+-------------
        05-01       | user:web:ann
        05-20       | user:web:ann
    """,
    )


def test_attribution_reaches_back_thirty_days_and_no_second_further(model_of):
    """From the end of the visit: 31 May 09:10 is 30 days after 1 May 09:10."""
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+---------------
        phone     |         | 05-01 09:00
        phone     |         | 05-01 09:10
        phone     | ann     | 05-31 09:10
        tablet    |         | 05-01 09:00
        tablet    |         | 05-01 09:10
        tablet    | bob     | 05-31 09:10:01
    """
        },
        """
        occurred_at    | person_id
        ---------------+------------------
        05-01 09:00    | user:web:ann
        05-01 09:10    | user:web:ann
        05-31 09:10    | user:web:ann
        05-01 09:00    | device:web:tablet
        05-01 09:10    | device:web:tablet
        05-31 09:10:01 | user:web:bob
    """,
    )


def test_an_anonymous_visit_after_the_last_login_belongs_to_the_device(model_of):
    """Who came after Ann had left may be anyone; within her visit it is still her."""
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        phone     | ann     | 09:00
        phone     |         | 09:30
        phone     |         | 10:00:01
    """
        },
        """
        occurred_at | person_id
        ------------+-----------------
        09:00       | user:web:ann
        09:30       | user:web:ann
        10:00:01    | device:web:phone
    """,
    )


def test_a_second_login_splits_the_visit(model_of):
    """Ann logs out, Bob logs in: what lies between the two is still Ann's, what follows is Bob's."""
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        family    |         | 09:00
        family    | ann     | 09:05
        family    |         | 09:10
        family    | bob     | 09:15
        family    |         | 09:20
        family    | ann     | 09:25
        family    |         | 09:30
    """
        },
        """
        occurred_at | person_id
        ------------+-------------
        09:00       | user:web:ann
        09:05       | user:web:ann
        09:10       | user:web:ann
        09:15       | user:web:bob
        09:20       | user:web:bob
        09:25       | user:web:ann
        09:30       | user:web:ann
    """,
    )


def test_a_login_in_mid_visit_does_not_split_the_visit(model_of):
    model_of(
        "visit_owners",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        phone     |         | 09:00
        phone     | ann     | 09:10
        phone     |         | 09:20
        phone     | ann     | 09:30
    """
        },
        "owner | started_at | ended_at\nuser:web:ann | 09:00 | 09:30",
    )


def test_of_two_logins_at_one_instant_the_sequence_says_which_comes_first(model_of):
    """Bob's is the later: what follows is his, what came before is Ann's."""
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at | sequence | event_id
        ----------+---------+-------------+----------+---------
        family    |         | 08:55       | 1        | z
        family    | bob     | 09:00       | 2        | a
        family    | ann     | 09:00       | 1        | b
        family    |         | 09:05       | 1        | c
    """
        },
        """
        event_id | person_id
        ---------+-------------
        z        | user:web:ann
        b        | user:web:ann
        a        | user:web:bob
        c        | user:web:bob
    """,
    )


def test_two_people_who_share_a_device_stay_two_people(model_of):
    """Each anonymous visit goes to the next login: Ann's the first, Bob's the second; the last is the device's own."""
    model_of(
        "people",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        family    |         | 05-01
        family    | ann     | 05-02
        family    |         | 05-03
        family    | bob     | 05-04
        family    |         | 05-05
    """
        },
        """
        person_id         | first_seen_at | last_seen_at | n_events | n_identifiers
        ------------------+---------------+--------------+----------+--------------
        user:web:ann      | 05-01         | 05-02        | 2        | 1
        user:web:bob      | 05-03         | 05-04        | 2        | 1
        device:web:family | 05-05         | 05-05        | 1        | 1
    """,
    )


def test_a_login_may_be_an_email_address(model_of):
    model_of(
        "events",
        {
            "landed_events": """
        device_id | email_key | user_id | occurred_at
        ----------+-----------+---------+------------
        phone     |           |         | 09:00
        phone     | ann@      |         | 09:10
        phone     |           | ann     | 09:20
        laptop    | ann@      | ann     | 09:30
    """
        },
        """
        occurred_at | person_id
        ------------+-----------
        09:00       | email:ann@
        09:10       | email:ann@
        09:20       | email:ann@
        09:30       | email:ann@
    """,
    )


def test_a_device_on_which_nobody_ever_logged_in_is_a_person_of_its_own(model_of):
    model_of(
        "people",
        {
            "landed_events": """
        device_id | occurred_at
        ----------+------------
        phone     | 05-01
        phone     | 05-09
        tablet    | 05-02
    """
        },
        """
        person_id         | n_events | n_sessions
        ------------------+----------+-----------
        device:web:phone  | 2        | 2
        device:web:tablet | 1        | 1
    """,
    )


def test_the_same_device_name_in_two_sources_is_two_devices(model_of):
    model_of(
        "people",
        {
            "landed_events": """
        source | device_id | user_id | occurred_at
        -------+-----------+---------+------------
        web    | 1         |         | 05-01
        app    | 1         | ann     | 05-02
    """
        },
        """
        person_id    | n_events
        -------------+---------
        device:web:1 | 1
        user:app:ann | 1
    """,
    )


def test_a_passive_event_does_not_extend_a_device_visit(model_of):
    """The visit of 1 May ends on 1 May whatever the shop sent on 20 May: Ann's login on 5 June is more than 30 days later."""
    model_of(
        "events",
        {
            "landed_events": """
        device_id | user_id | occurred_at | is_passive
        ----------+---------+-------------+-----------
        phone     |         | 05-01       | no
        phone     |         | 05-20       | yes
        phone     | ann     | 06-05       | no
    """
        },
        """
        occurred_at | person_id
        ------------+-----------------
        05-01       | device:web:phone
        05-20       | device:web:phone
        06-05       | user:web:ann
    """,
    )


def test_a_passive_event_does_not_bridge_two_device_visits(model_of):
    """A parcel tracked at 09:20 does not make one visit of 09:00 and 09:40."""
    model_of(
        "visit_owners",
        {
            "landed_events": """
        device_id | user_id | occurred_at | is_passive
        ----------+---------+-------------+-----------
        phone     | ann     | 09:00       | no
        phone     |         | 09:20       | yes
        phone     |         | 09:40       | no
    """
        },
        """
        visit_no | owner            | started_at | ended_at
        ---------+------------------+------------+---------
        1        | user:web:ann     | 09:00      | 09:00
        3        | device:web:phone | 09:40      | 09:40
    """,
    )
