"""An order or a ticket joins those who were seen with it, and gives its person to what names nobody else."""


def test_a_device_and_an_email_address_on_one_order_are_one_person(model_of):
    """The shop saw an anonymous browser buy; the order book knows the address. The session before the purchase is hers."""
    model_of(
        "people",
        {
            "sources": "source | order_namespace\nweb | shop\norders | shop",
            "landed_events": """
        source | device_id | email_key | order_id | occurred_at
        -------+-----------+-----------+----------+------------
        web    | phone     |           |          | 09:00
        web    | phone     |           | 1        | 09:10
        orders |           | ann@      | 1        | 09:11
    """,
        },
        "person_id | n_events | n_sessions | n_identifiers\ndevice:web:phone | 3 | 1 | 3",
    )


def test_a_ticket_joins_the_help_desk_to_the_web(model_of):
    model_of(
        "people",
        {
            "sources": "source | ticket_namespace\nweb | desk\ndesk | desk",
            "landed_events": """
        source | user_id | email_key | ticket_id | occurred_at
        -------+---------+-----------+-----------+------------
        web    | ann     |           | 9         | 09:00
        desk   |         | ann@      | 9         | 10:00
    """,
        },
        "person_id | n_events | n_sources\nemail:ann@ | 2 | 2",
    )


def test_two_users_on_one_order_or_ticket_stay_two_people(model_of):
    """Whoever of the two it is: its link with either is suspended."""
    tables = {
        "landed_events": """
        user_id | order_id | ticket_id | occurred_at
        --------+----------+-----------+------------
        ann     | 1        |           | 09:00
        bob     | 1        |           | 09:10
        cid     |         | 9         | 09:20
        dan     |         | 9         | 09:30
    """
    }
    model_of(
        "people",
        tables,
        "person_id | n_events\nuser:web:ann | 1\nuser:web:bob | 1\nuser:web:cid | 1\nuser:web:dan | 1",
    )
    model_of(
        "suspended_links",
        tables,
        """
        left_identifier | right_identifier | reason       | n_events
        ----------------+------------------+--------------+---------
        order:web:1     | user:web:ann     | key_over_cap | 1
        order:web:1     | user:web:bob     | key_over_cap | 1
        ticket:web:9    | user:web:cid     | key_over_cap | 1
        ticket:web:9    | user:web:dan     | key_over_cap | 1
    """,
    )


def test_what_names_only_an_order_belongs_to_whom_the_order_belongs_to(model_of):
    """The carrier knows the order and nobody's name; what it tells counts in the person's session if it is no mere fact."""
    tables = {
        "sources": "source | order_namespace\nweb | shop\ncarrier | shop",
        "landed_events": """
        source  | user_id | order_id | occurred_at | is_passive
        --------+---------+----------+-------------+-----------
        web     | ann     | 1        | 09:00       | no
        carrier |         | 1        | 09:20       | no
        carrier |         | 1        | 09:40       | yes
        carrier |         | 2        | 09:50       | no
    """,
    }
    model_of(
        "events",
        tables,
        """
        source  | occurred_at | order_id | person_id
        --------+-------------+----------+-------------
        web     | 09:00       | 1        | user:web:ann
        carrier | 09:20       | 1        | user:web:ann
        carrier | 09:40       | 1        | user:web:ann
        carrier | 09:50       | 2        |
    """,
    )
    model_of("sessions", tables, "started_at | ended_at | n_events\n09:00 | 09:20 | 2")


def test_an_order_that_only_one_was_seen_with_links_nobody_and_names_nobody(model_of):
    model_of(
        "people",
        {"landed_events": "user_id | order_id | occurred_at\nann | 1 | 09:00\nann | 1 | 09:10"},
        "person_id | n_events | n_identifiers\nuser:web:ann | 2 | 1",
    )
