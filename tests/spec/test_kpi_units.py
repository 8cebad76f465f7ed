"""kpi_units: every KPI's units together, each with its day and its persona."""

PERSONAS = "persona | position | device_type\nmobile | 1 | mobile\ndesk | 2 | desktop"
TARGETS = "kpi | window_seconds | as_of | missing_roles\ncontact_rate | 14 * 86400 | 06-30 |\ncart_abandonment_rate | | 06-30 |"


def test_the_persona_of_a_session_is_its_own_and_that_of_an_order_the_latest_session_by_then(model_of):
    """Ann orders by phone on 3 May: she was last seen on her mobile, and only later at a desk. Bob was never seen."""
    model_of(
        "kpi_units",
        {
            "persona_rules": PERSONAS,
            "kpi_targets": TARGETS,
            "events": """
        session_id | person_id | role       | order_id | device_type | occurred_at
        -----------+-----------+------------+----------+-------------+------------
        a1         | ann       |            |          | desktop     | 05-01
        a2         | ann       | cart_added |          | mobile      | 05-02
                   | ann       | purchased  | 1        |             | 05-03
        a3         | ann       |            |          | desktop     | 05-04
                   | bob       | purchased  | 2        |             | 05-03
    """,
        },
        """
        kpi                   | unit_id | persona | entered_on | value
        ----------------------+---------+---------+------------+------
        cart_abandonment_rate | a2      | mobile  | 05-02      | 1
        contact_rate          | web:1   | mobile  | 05-03      | 0
        contact_rate          | web:2   | other   | 05-03      | 0
    """,
    )


def test_a_session_that_begins_with_the_unit_is_the_latest_by_then(model_of):
    model_of(
        "kpi_units",
        {
            "persona_rules": PERSONAS,
            "kpi_targets": TARGETS,
            "events": """
        session_id | person_id | role      | order_id | device_type | occurred_at
        -----------+-----------+-----------+----------+-------------+------------
        a1         | ann       |           |          | desktop     | 09:00
        a2         | ann       | purchased | 1        | mobile      | 12:00
    """,
        },
        "unit_id | persona\nweb:1 | mobile",
    )


def test_the_persona_of_a_journey_is_its_own(model_of):
    model_of(
        "kpi_units",
        {
            "kpi_targets": "kpi | journey\nconversion_rate | purchase",
            "journey_definitions": "journey\npurchase",
            "journeys": "journey_id | person_id | started_at | persona\nj | ann | 09:00 | mobile",
            "sessions": "session_id | person_id | started_at | persona\ns | ann | 09:00 | desk",
        },
        "unit_id | persona\nj | mobile",
    )


def test_the_day_is_the_local_day_of_the_entry(model_of):
    model_of(
        "kpi_units",
        {
            "settings": "zone\nAmerica/New_York",
            "kpi_targets": "kpi\ncsat_score",
            "events": """
        event_id | role  | rating | occurred_at
        ---------+-------+--------+---------------
        a        | rated | 5      | 05-02 03:59:59
        b        | rated | 5      | 05-02 04:00
    """,
        },
        "unit_id | entered_on\nweb:a | 05-01\nweb:b | 05-02",
    )


def test_a_kpi_whose_roles_nothing_plays_or_that_the_definition_does_not_name_has_no_units(model_of):
    model_of(
        "kpi_units",
        {
            "kpi_targets": "kpi | window_seconds | as_of | missing_roles\ncontact_rate | 14 * 86400 | 06-30 | ticket_opened",
            "events": "person_id | role | order_id | rating | occurred_at\nann | purchased | 1 | | 09:00\nann | rated | | 5 | 09:00",
        },
        "kpi | unit_id",
    )


def test_an_order_that_two_people_were_seen_with_is_counted_once(model_of):
    model_of(
        "kpi_units",
        {
            "kpi_targets": TARGETS,
            "sources": "source | order_namespace\nweb | shop\norders | shop",
            "events": """
        source | person_id | role      | order_id | occurred_at
        -------+-----------+-----------+----------+------------
        web    | device    | purchased | 1        | 09:00
        orders | ann       | purchased | 1        | 09:05
    """,
        },
        "kpi | unit_id\ncontact_rate | shop:1",
    )
