"""Sessions: runs of one person's events without a silence longer than the gap, or the source's own."""


def test_a_silence_of_exactly_the_gap_does_not_end_a_session(model_of):
    """The gap of 30 minutes must be exceeded: a second more begins a new session."""
    model_of(
        "sessions",
        {
            "landed_events": """
        user_id | occurred_at
        --------+------------
        ann     | 09:00
        ann     | 09:30
        bob     | 09:00
        bob     | 09:30:01
    """
        },
        """
        person_id    | started_at | ended_at | n_events | duration_seconds
        -------------+------------+----------+----------+-----------------
        user:web:ann | 09:00      | 09:30    | 2        | 30 * 60
        user:web:bob | 09:00      | 09:00    | 1        | 0
        user:web:bob | 09:30:01   | 09:30:01 | 1        | 0
    """,
    )


def test_microseconds_count(model_of):
    model_of(
        "sessions",
        {
            "landed_events": """
        user_id | occurred_at
        --------+----------------
        ann     | 09:00:00.000001
        ann     | 09:30:00.000001
        bob     | 09:00
        bob     | 09:30:00.000001
    """
        },
        """
        person_id    | n_events
        -------------+---------
        user:web:ann | 2
        user:web:bob | 1
        user:web:bob | 1
    """,
    )


def test_the_gap_is_measured_from_the_event_before_not_from_the_start(model_of):
    model_of(
        "sessions",
        {
            "landed_events": """
        user_id | occurred_at
        --------+------------
        ann     | 09:00
        ann     | 09:20
        ann     | 09:40
        ann     | 10:05
    """
        },
        """
        started_at | ended_at | n_events
        -----------+----------+---------
        09:00      | 10:05    | 4
    """,
    )


def test_a_passive_event_neither_starts_nor_extends_a_session_nor_belongs_to_one(model_of):
    """The parcel delivered at 09:20 does not bridge the 40 minutes from 09:00 to 09:40."""
    landed = """
        user_id | occurred_at | is_passive
        --------+-------------+-----------
        ann     | 08:55       | yes
        ann     | 09:00       | no
        ann     | 09:20       | yes
        ann     | 09:40       | no
    """
    model_of(
        "sessions",
        {"landed_events": landed},
        """
        started_at | ended_at | n_events
        -----------+----------+---------
        09:00      | 09:00    | 1
        09:40      | 09:40    | 1
    """,
    )
    model_of("people", {"landed_events": landed}, "person_id | n_events\nuser:web:ann | 4")


def test_a_login_in_mid_visit_does_not_split_the_session(model_of):
    """Ann reads anonymously, logs in, and logs out again: one person, one session."""
    model_of(
        "sessions",
        {
            "landed_events": """
        device_id | user_id | occurred_at
        ----------+---------+------------
        phone     |         | 09:00
        phone     | ann     | 09:10
        phone     |         | 09:20
    """
        },
        """
        person_id    | started_at | ended_at | n_events
        -------------+------------+----------+---------
        user:web:ann | 09:00      | 09:20    | 3
    """,
    )


def test_one_person_on_two_devices_and_in_two_sources_is_in_one_session(model_of):
    model_of(
        "sessions",
        {
            "landed_events": """
        source | device_id | user_id | email_key | occurred_at
        -------+-----------+---------+-----------+------------
        web    | phone     | ann     | ann@      | 09:00
        web    | laptop    | ann     |           | 09:20
        desk   |           |         | ann@      | 09:45
    """
        },
        """
        started_at | ended_at | n_events
        -----------+----------+---------
        09:00      | 09:45    | 3
    """,
    )


def test_an_event_of_nobody_is_in_no_session(model_of):
    model_of("sessions", {"landed_events": "user_id | occurred_at\n | 09:00"}, "n_events")


def test_the_sources_own_sessions_are_kept_as_they_are_even_when_they_overlap(model_of):
    """However long the silence in it; an event without the source's session has none."""
    model_of(
        "sessions",
        {
            "settings": "session_rule\nsource",
            "landed_events": """
        user_id | session_key | occurred_at
        --------+-------------+------------
        ann     | tab 1       | 09:00
        ann     | tab 2       | 09:10
        ann     | tab 1       | 12:00
        ann     |             | 12:01
    """,
        },
        """
        started_at | ended_at | n_events
        -----------+----------+---------
        09:00      | 12:00    | 2
        09:10      | 09:10    | 1
    """,
    )


def test_the_same_session_key_in_two_sources_is_two_sessions(model_of):
    model_of(
        "sessions",
        {
            "settings": "session_rule\nsource",
            "landed_events": """
        source | email_key | session_key | occurred_at
        -------+-----------+-------------+------------
        web    | ann@      | 1           | 09:00
        desk   | ann@      | 1           | 09:10
    """,
        },
        "source | n_events\nweb | 1\ndesk | 1",
    )


def test_the_facts_of_a_session_are_those_of_its_first_event(model_of):
    """At one instant the order is: source as in the definition, sequence, event id."""
    model_of(
        "sessions",
        {
            "sources": "source | source_rank\nweb | 1\ndesk | 2",
            "landed_events": """
        source | email_key | occurred_at | sequence | event_id | page_path
        -------+-----------+-------------+----------+----------+----------
        desk   | ann@      | 09:00       | 1        | a        | /desk
        web    | ann@      | 09:00       | 2        | a2       | /later
        web    | ann@      | 09:00       | 1        | c        | /third
        web    | ann@      | 09:00       | 1        | b        | /first
    """,
        },
        "first_page_path | source | n_events\n/first | web | 4",
    )


def test_the_day_of_a_session_is_the_local_day_of_its_start(model_of):
    """23:30 in London is already 2 May in Berlin."""
    model_of(
        "sessions",
        {
            "settings": "zone\nEurope/Berlin",
            "landed_events": """
        user_id | occurred_at
        --------+------------
        ann     | 21:59:59
        bob     | 22:00
    """,
        },
        """
        person_id    | started_on
        -------------+-----------
        user:web:ann | 05-01
        user:web:bob | 05-02
    """,
    )


def test_a_session_longer_or_fuller_than_the_cap_is_marked_and_not_cut(model_of):
    """At most 2 events and 20 minutes."""
    model_of(
        "sessions",
        {
            "settings": "session_cap_events | session_cap_seconds\n2 | 20 * 60",
            "landed_events": """
        user_id | occurred_at
        --------+------------
        ann     | 09:00
        ann     | 09:20
        bob     | 09:00
        bob     | 09:20:01
        cid     | 09:00
        cid     | 09:01
        cid     | 09:02
    """,
        },
        """
        person_id    | n_events | is_over_cap
        -------------+----------+------------
        user:web:ann | 2        | no
        user:web:bob | 2        | yes
        user:web:cid | 3        | yes
    """,
    )


RULES = """
    persona  | position | device_type | least_earlier_orders | most_earlier_sessions
    ---------+----------+-------------+----------------------+----------------------
    loyal    | 1        |             | 1                    | 1000
    new      | 2        | mobile      | 0                    | 0
    new      | 2        | tablet      | 0                    | 0
    new      | 2        | watch       | 0                    | 0
    browsing | 3        | mobile      | 0                    | 1000
"""


def test_the_first_persona_whose_rule_matches_what_was_known_at_the_start_wins(model_of):
    """Ann's order makes her loyal from her next session on, not in the session of the order: no leak of the outcome."""
    model_of(
        "sessions",
        {
            "persona_rules": RULES,
            "events": """
        session_id | person_id | occurred_at | role      | device_type
        -----------+-----------+-------------+-----------+------------
        a1         | ann       | 09:00       |           | mobile
        a1         | ann       | 09:10       | purchased | mobile
        a2         | ann       | 12:00       |           | mobile
        b1         | bob       | 09:00       |           | mobile
        b2         | bob       | 12:00       |           | mobile
        c1         | cid       | 09:00       |           | desktop
    """,
        },
        """
        session_id | persona  | n_earlier_sessions | n_earlier_orders
        -----------+----------+--------------------+-----------------
        a1         | new      | 0                  | 0
        a2         | loyal    | 1                  | 1
        b1         | new      | 0                  | 0
        b2         | browsing | 1                  | 0
        c1         | other    | 0                  | 0
    """,
    )


def test_an_order_placed_with_the_first_event_of_a_session_is_not_an_earlier_order(model_of):
    model_of(
        "sessions",
        {
            "events": """
        session_id | person_id | occurred_at | role      | order_id
        -----------+-----------+-------------+-----------+---------
        a1         | ann       | 09:00       | purchased | 1
        a1         | ann       | 09:01       | purchased | 1
        a2         | ann       | 12:00       |           |
    """
        },
        """
        session_id | n_earlier_orders
        -----------+-----------------
        a1         | 0
        a2         | 1
    """,
    )


def test_a_persona_may_be_told_by_a_pattern(model_of):
    """`news*` in journey.yaml; an underscore means itself."""
    model_of(
        "sessions",
        {
            "persona_rules": """
    persona | position | campaign_source | most_earlier_sessions
    --------+----------+-----------------+----------------------
    readers | 1        | news%           | 1000
    exact   | 2        | a!_b            | 1000
    """,
            "events": """
        session_id | person_id | occurred_at | campaign_source
        -----------+-----------+-------------+----------------
        a1         | ann       | 09:00       | newsletter
        b1         | bob       | 09:00       | a_b
        c1         | cid       | 09:00       | axb
        d1         | dan       | 09:00       |
    """,
        },
        """
        session_id | persona
        -----------+--------
        a1         | readers
        b1         | exact
        c1         | other
        d1         | other
    """,
    )
