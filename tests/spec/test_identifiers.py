"""Identifiers become people: linked where they were seen together, apart where only their text is the same."""

from tests.drawn_text import id_of


def test_identifiers_seen_together_are_one_person_named_by_the_smallest(model_of):
    """User and e-mail on one event, e-mail and phone on another: three identifiers, one person."""
    model_of(
        "identifiers",
        {
            "landed_events": """
        source | user_id | email_key | phone_key | occurred_at
        -------+---------+-----------+-----------+------------
        web    | 42      | ann@      |           | 09:00
        desk   |         | ann@      | 0123      | 09:10
        web    | 7       |           |           | 09:20
    """
        },
        """
        identifier  | kind  | person_id
        ------------+-------+-----------
        user:web:42 | user  | email:ann@
        email:ann@  | email | email:ann@
        phone:0123  | phone | email:ann@
        user:web:7  | user  | user:web:7
    """,
    )


def test_a_chain_of_links_is_one_person_however_long(model_of):
    model_of(
        "people",
        {
            "landed_events": """
        user_id | email_key | phone_key | occurred_at
        --------+-----------+-----------+------------
        1       | a@        |           | 09:00
        2       | a@        |           | 09:01
        2       |           | 0123      | 09:02
        3       |           | 0123      | 09:03
        4       |           | 0456      | 09:04
    """
        },
        """
        person_id  | n_events | n_identifiers
        -----------+----------+--------------
        email:a@   | 4        | 5
        phone:0456 | 1        | 2
    """,
    )


def test_the_smallest_identifier_is_that_of_the_least_bytes(model_of):
    """Capitals before small letters, and accents after z; an id is twelve characters of a hash of it."""
    model_of(
        "people",
        {
            "landed_events": """
        user_id | email_key | occurred_at
        --------+-----------+------------
        1       | a@        | 09:00
        1       | Z@        | 09:01
        2       | z@        | 09:02
        2       | é@        | 09:03
    """
        },
        "person_id | n_events\nemail:Z@ | 2\nemail:z@ | 2",
    )
    assert (len(id_of("email:Z@")), id_of("user:web:ann")) == (12, "MDqbqClinPAJ")


def test_user_42_of_the_shop_is_not_user_42_of_the_help_desk(model_of):
    model_of(
        "events",
        {
            "landed_events": """
        source | user_id | occurred_at
        -------+---------+------------
        shop   | 42      | 09:00
        desk   | 42      | 09:10
    """
        },
        """
        source | person_id
        -------+-------------
        shop   | user:shop:42
        desk   | user:desk:42
    """,
    )


def test_sources_that_share_a_namespace_share_their_users(model_of):
    model_of(
        "people",
        {
            "sources": "source | user_namespace\nshop | shop\napp | shop",
            "landed_events": """
        source | user_id | occurred_at
        -------+---------+------------
        shop   | 42      | 09:00
        app    | 42      | 09:10
    """,
        },
        "person_id | n_events | n_sources\nuser:shop:42 | 2 | 2",
    )


def test_an_account_never_makes_two_people_one(model_of):
    model_of(
        "people",
        {"landed_events": "user_id | account_id | occurred_at\nann | acme | 09:00\nbob | acme | 09:10"},
        "person_id | n_events\nuser:web:ann | 1\nuser:web:bob | 1",
    )


def test_an_event_of_nobody_has_no_person_and_is_still_an_event(model_of):
    landed = {"landed_events": "user_id | ticket_id | occurred_at\n | 9 | 09:00\nann | | 09:10"}
    model_of("events", landed, "ticket_id | person_id\n9 |\n | user:web:ann")
    model_of("people", landed, "person_id | n_events\nuser:web:ann | 1")


def test_order_1_of_one_shop_is_not_order_1_of_another(model_of):
    model_of(
        "people",
        {
            "events": """
        source | person_id | role      | order_id | occurred_at
        -------+-----------+-----------+----------+------------
        shop   | ann       | purchased | 1        | 09:00
        shop   | ann       | purchased | 1        | 09:01
        kiosk  | ann       | purchased | 1        | 09:02
    """,
            "identifiers": "identifier | person_id\nuser:shop:ann | ann",
        },
        "n_orders\n2",
    )
