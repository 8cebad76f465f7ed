"""search_success_rate: a product is viewed before the next search and within five minutes."""


def searches(kpi_of, events, expected, as_of="06-30"):
    kpi_of("search_success_rate", as_of, {"events": events}, expected)


def test_the_product_is_viewed_within_five_minutes(kpi_of):
    searches(
        kpi_of,
        """
        person_id | role           | event_id | occurred_at
        ----------+----------------+----------+------------
        ann       | searched       | a        | 09:00
        ann       | product_viewed | x        | 09:05
        bob       | searched       | b        | 09:00
        bob       | product_viewed | y        | 09:05:01
        cid       | searched       | c        | 09:00
        dan       | product_viewed | z        | 08:59
        dan       | searched       | d        | 09:00
    """,
        """
        unit_id | person_id | entered_at | value | is_mature
        --------+-----------+------------+-------+----------
        web:a   | ann       | 09:00      | 1     | yes
        web:b   | bob       | 09:00      | 0     | yes
        web:c   | cid       | 09:00      | 0     | yes
        web:d   | dan       | 09:00      | 0     | yes
    """,
    )


def test_a_view_belongs_to_the_search_before_it_and_to_no_earlier_one(kpi_of):
    """What else the person does in between does not matter."""
    searches(
        kpi_of,
        """
        person_id | role           | event_id | occurred_at
        ----------+----------------+----------+------------
        ann       | searched       | 1        | 09:00
        ann       | searched       | 2        | 09:01
        ann       | cart_added     | x        | 09:02
        bob       | product_viewed | z        | 09:02
        ann       | product_viewed | y        | 09:03
    """,
        "unit_id | value\nweb:1 | 0\nweb:2 | 1",
    )


def test_a_search_is_mature_after_five_minutes(kpi_of):
    searches(
        kpi_of,
        "person_id | role | event_id | occurred_at\nann | searched | a | 09:00\nann | searched | b | 09:01",
        "unit_id | is_mature\nweb:a | yes\nweb:b | no",
        as_of="09:05",
    )
