"""cart_abandonment_rate, checkout_completion_rate, payment_completion_rate: what a session with a beginning came to."""

import pytest

COMPLETED = [("checkout_completion_rate", "checkout_started"), ("payment_completion_rate", "payment_info_added")]


def test_a_cart_is_abandoned_when_nothing_is_purchased_in_its_session_in_any_order(kpi_of):
    """Ann buys after, Bob before he adds; Cid only in his next session; Dan adds nothing."""
    kpi_of(
        "cart_abandonment_rate",
        "06-30",
        {
            "events": """
        session_id | person_id | role       | occurred_at
        -----------+-----------+------------+------------
        a1         | ann       | cart_added | 09:00
        a1         | ann       | cart_added | 09:05
        a1         | ann       | purchased  | 09:10
        b1         | bob       | purchased  | 09:00
        b1         | bob       | cart_added | 09:10
        c1         | cid       |            | 09:00
        c1         | cid       | cart_added | 09:10
        c2         | cid       | purchased  | 12:00
        d1         | dan       | purchased  | 09:00
    """
        },
        """
        unit_id | person_id | subject_id | entered_at | value | is_mature
        --------+-----------+------------+------------+-------+----------
        a1      | ann       | a1         | 09:00      | 0     | yes
        b1      | bob       | b1         | 09:00      | 0     | yes
        c1      | cid       | c1         | 09:00      | 1     | yes
    """,
    )


def test_a_session_is_mature_once_the_gap_has_passed_since_its_last_event(kpi_of):
    """As of 09:40, with a gap of 30 minutes."""
    kpi_of(
        "cart_abandonment_rate",
        "09:40",
        {
            "events": """
        session_id | person_id | role       | occurred_at
        -----------+-----------+------------+------------
        a1         | ann       | cart_added | 09:00
        a1         | ann       |            | 09:09:59
        b1         | bob       | cart_added | 09:00
        b1         | bob       |            | 09:10:01
    """
        },
        "unit_id | value | is_mature\na1 | 1 | yes\nb1 | 1 | no",
    )


def test_a_sources_own_session_is_mature_as_delivered(kpi_of):
    kpi_of(
        "cart_abandonment_rate",
        "09:00",
        {
            "settings": "session_rule\nsource",
            "events": """
        session_id | person_id | role       | occurred_at
        -----------+-----------+------------+------------
        a1         | ann       | cart_added | 09:00
    """,
        },
        "unit_id | is_mature\na1 | yes",
    )


@pytest.mark.parametrize(("kpi", "role"), COMPLETED)
def test_it_is_completed_by_a_purchase_in_the_same_session_in_any_order(kpi_of, kpi, role):
    kpi_of(
        kpi,
        "06-30",
        {
            "events": f"""
        session_id | person_id | role       | occurred_at
        -----------+-----------+------------+------------
        a1         | ann       | {role}     | 09:00
        a1         | ann       | purchased  | 09:10
        b1         | bob       | purchased  | 09:00
        b1         | bob       | {role}     | 09:10
        c1         | cid       | {role}     | 09:00
        c2         | cid       | purchased  | 12:00
        d1         | dan       | cart_added | 09:00
    """
        },
        """
        unit_id | entered_at | value | is_mature
        --------+------------+-------+----------
        a1      | 09:00      | 1     | yes
        b1      | 09:00      | 1     | yes
        c1      | 09:00      | 0     | yes
    """,
    )


@pytest.mark.parametrize(("kpi", "role"), COMPLETED)
def test_it_is_immature_while_the_session_may_go_on(kpi_of, kpi, role):
    kpi_of(
        kpi,
        "09:20",
        {"events": f"session_id | person_id | role | occurred_at\na1 | ann | {role} | 09:00"},
        "value | is_mature\n0 | no",
    )
