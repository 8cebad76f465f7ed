"""contact_rate and repeat_purchase_rate: what follows an order."""


def test_contact_is_a_ticket_of_the_same_person_within_fourteen_days_after_the_order(kpi_of):
    """Ann writes at the last moment, Bob too late, Cid before he orders, and Dan's ticket is not Eva's."""
    kpi_of(
        "contact_rate",
        "06-30",
        {
            "events": """
        person_id | role          | order_id | occurred_at
        ----------+---------------+----------+---------------
        ann       | purchased     | 1        | 05-01 09:00
        ann       | ticket_opened |          | 05-15 09:00
        bob       | purchased     | 2        | 05-01 09:00
        bob       | ticket_opened |          | 05-15 09:00:01
        cid       | ticket_opened |          | 05-01 08:59:59
        cid       | purchased     | 3        | 05-01 09:00
        dan       | purchased     | 4        | 05-01 09:00
        eva       | ticket_opened |          | 05-01 10:00
    """
        },
        """
        unit_id | person_id | entered_at  | value | is_mature
        --------+-----------+-------------+-------+----------
        web:1   | ann       | 05-01 09:00 | 1     | yes
        web:2   | bob       | 05-01 09:00 | 0     | yes
        web:3   | cid       | 05-01 09:00 | 0     | yes
        web:4   | dan       | 05-01 09:00 | 0     | yes
    """,
    )


def test_one_ticket_may_be_about_each_of_two_orders(kpi_of):
    kpi_of(
        "contact_rate",
        "06-30",
        {
            "events": """
        person_id | role          | order_id | occurred_at
        ----------+---------------+----------+------------
        ann       | purchased     | 1        | 05-01
        ann       | purchased     | 2        | 05-02
        ann       | ticket_opened |          | 05-03
    """
        },
        "unit_id | value\nweb:1 | 1\nweb:2 | 1",
    )


def test_an_order_is_mature_for_contact_after_fourteen_days(kpi_of):
    kpi_of(
        "contact_rate",
        "05-15",
        {
            "events": """
        person_id | role          | order_id | occurred_at
        ----------+---------------+----------+-------------
        ann       | purchased     | 1        | 05-01
        ann       | purchased     | 2        | 05-01 00:01
        ann       | ticket_opened |          | 05-02
    """
        },
        "unit_id | value | is_mature\nweb:1 | 1 | yes\nweb:2 | 1 | no",
    )


def test_a_repeat_is_a_second_order_within_ninety_days_of_the_first(kpi_of):
    """90 days after 1 January 2024 is 31 March. Ann's order 1 has two lines and two signs, and is one order."""
    kpi_of(
        "repeat_purchase_rate",
        "06-30",
        {
            "events": """
        person_id | role      | order_id | occurred_at
        ----------+-----------+----------+---------------
        ann       | purchased | 1        | 01-01
        ann       | purchased | 1        | 01-02
        bob       | purchased | 2        | 01-01
        bob       | purchased | 3        | 03-31
        cid       | purchased | 4        | 01-01
        cid       | purchased | 5        | 03-31 00:00:01
        cid       | purchased | 6        | 04-01
    """
        },
        """
        unit_id | person_id | entered_at | value | is_mature
        --------+-----------+------------+-------+----------
        web:1   | ann       | 01-01      | 0     | yes
        web:2   | bob       | 01-01      | 1     | yes
        web:4   | cid       | 01-01      | 0     | yes
    """,
    )


def test_a_first_order_is_mature_after_ninety_days(kpi_of):
    kpi_of(
        "repeat_purchase_rate",
        "03-31",
        {
            "events": """
        person_id | role      | order_id | occurred_at
        ----------+-----------+----------+------------
        ann       | purchased | 1        | 01-01
        bob       | purchased | 2        | 01-02
        bob       | purchased | 3        | 01-03
    """
        },
        "person_id | value | is_mature\nann | 0 | yes\nbob | 1 | no",
    )


def test_purchases_without_an_order_id_are_orders_of_their_own(kpi_of):
    kpi_of(
        "repeat_purchase_rate",
        "06-30",
        {
            "events": """
        person_id | role      | event_id | occurred_at
        ----------+-----------+----------+------------
        ann       | purchased | x        | 01-01
        ann       | purchased | y        | 01-02
    """
        },
        "unit_id | value\nweb:x | 1",
    )


def test_an_order_that_two_people_were_seen_with_is_one_order_of_the_first(kpi_of):
    """The web shop saw the purchase on an anonymous device, the order book under the customer: one order id, one unit."""
    shared = "source | order_namespace\nweb | shop\norders | shop"
    kpi_of(
        "contact_rate",
        "06-30",
        {
            "sources": shared,
            "events": """
        source | person_id | role      | order_id | occurred_at
        -------+-----------+-----------+----------+------------
        web    | device    | purchased | 1        | 09:00
        orders | ann       | purchased | 1        | 09:05
    """,
        },
        "unit_id | person_id | entered_at\nshop:1 | device | 09:00",
    )


def test_an_order_id_that_names_nothing_makes_each_purchase_an_order_by_itself(kpi_of):
    """The shop writes `-` where there is no order: Ann's and Bob's purchases are not one order of one of them."""
    kpi_of(
        "contact_rate",
        "06-30",
        {
            "blocked_identifiers": "kind | namespace | value\norder | web | -",
            "events": """
        event_id | person_id | role      | order_id | occurred_at
        ---------+-----------+-----------+----------+------------
        e1       | ann       | purchased | -        | 05-01 09:00
        e2       | bob       | purchased | -        | 05-01 09:00
    """,
        },
        """
        unit_id | person_id | entered_at  | value | is_mature
        --------+-----------+-------------+-------+----------
        web:e1  | ann       | 05-01 09:00 | 0     | yes
        web:e2  | bob       | 05-01 09:00 | 0     | yes
    """,
    )
