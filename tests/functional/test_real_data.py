"""The examples on real data give the figures that other tools and publications give."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from pipelines.run import Outcome

Runs = Callable[..., Outcome]
pytestmark = pytest.mark.data


@pytest.mark.xdist_group("merchandise_store")
class TestMerchandiseStore:
    """Google's public GA4 sample, 32 days."""

    @pytest.fixture
    def ask(self, run_example: Runs, asking):
        return asking(run_example("merchandise_store"))

    def test_events_people_and_the_sources_own_sessions(self, ask) -> None:
        assert ask("SELECT n_events, n_people, n_sessions FROM build") == [(1_111_755, 93_693, 113_943)]

    def test_sessions_by_the_thirty_minute_gap(self, run_example: Runs, asking) -> None:
        by_gap = asking(run_example("merchandise_store", sessions__by="gap"))
        assert by_gap("SELECT count(*) FROM sessions") == [(112_801,)]

    @pytest.mark.parametrize(
        ("event_name", "n_sessions"),
        [
            ("view_item", 19_152),
            ("add_to_cart", 4_292),
            ("begin_checkout", 1_755),
            ("add_payment_info", 1_238),
            ("purchase", 884),
        ],
    )
    def test_sessions_with_an_event(self, ask, event_name: str, n_sessions: int) -> None:
        assert ask(f"SELECT count(DISTINCT session_id) FROM events WHERE event_name = '{event_name}'") == [
            (n_sessions,)
        ]

    @pytest.mark.parametrize(
        ("kpi", "value", "n_units"),
        [
            ("cart_abandonment_rate", 0.846925, 4_292),
            ("payment_completion_rate", 0.714055, 1_238),
        ],
    )
    def test_kpis_of_sessions(self, ask, kpi: str, value: float, n_units: int) -> None:
        [(found, n)] = ask(
            f"SELECT value, n_units FROM kpi_status WHERE kpi = '{kpi}' AND persona = '(all)' AND period = 'all'"
        )
        assert (round(found, 6), n) == (value, n_units)

    def test_purchases_and_revenue(self, ask) -> None:
        assert ask("SELECT count(*), sum(amount) FROM events WHERE role = 'purchased'") == [
            (985, Decimal("56796.0000"))
        ]

    def test_journeys_that_began_less_than_a_window_ago_are_open(self, ask) -> None:
        assert ask("""
            SELECT count(*) FROM journey_outcomes, journey_definitions AS d
            WHERE (outcome = 'open') <> (started_at + INTERVAL 7 DAY > d.as_of)
        """) == [(0,)]

    def test_a_repeat_purchase_within_ninety_days_is_not_measured_after_thirty_two(self, ask) -> None:
        assert ask("SELECT DISTINCT status, value FROM kpi_status WHERE kpi = 'repeat_purchase_rate'") == [
            ("not measured", None)
        ]


@pytest.mark.xdist_group("small_examples")
class TestGreenery:
    """Web, orders and users of one shop."""

    @pytest.fixture
    def ask(self, run_example: Runs, asking):
        return asking(run_example("greenery"))

    @pytest.mark.parametrize(
        ("event_name", "n_sessions"), [("page_view", 578), ("add_to_cart", 467), ("checkout", 361)]
    )
    def test_the_published_funnel_by_the_sources_sessions(self, ask, event_name: str, n_sessions: int) -> None:
        assert ask(f"SELECT count(DISTINCT session_id) FROM events WHERE event_name = '{event_name}'") == [
            (n_sessions,)
        ]

    def test_shipping_and_delivery_are_passive_and_lengthen_no_session(self, ask) -> None:
        assert ask(
            "SELECT bool_and(is_passive), count(session_id) FROM events WHERE event_name IN ('package_shipped', 'order_delivered')"
        ) == [(True, 0)]

    def test_every_order_belongs_to_a_person_seen_on_the_web(self, ask) -> None:
        assert ask("""
            SELECT count(*), count(web.person_id)
            FROM (SELECT DISTINCT order_id, person_id FROM events WHERE source = 'orders') AS orders
            LEFT JOIN (SELECT DISTINCT person_id FROM events WHERE source = 'web') AS web USING (person_id)
        """) == [(361, 361)]

    def test_one_person_alone_abandons_carts_and_the_interval_says_so(self, ask) -> None:
        [(value, low, high, n)] = ask("""
            SELECT value, low, high, n_units FROM kpi_status
            WHERE kpi = 'cart_abandonment_rate' AND persona = '(all)' AND period = 'all'
        """)
        assert (n, round(value, 6)) == (467, round(106 / 467, 6))
        assert (low, high) == (pytest.approx(0.049, abs=0.001), pytest.approx(0.626, abs=0.001))
        assert ask(
            "SELECT count(DISTINCT person_id) FROM kpi_units WHERE kpi = 'cart_abandonment_rate' AND value = 1"
        ) == [(1,)]

    def test_addresses_and_telephone_numbers_are_nowhere_in_the_workspace(self, run_example: Runs) -> None:
        workspace = run_example("greenery").workspace
        for path in workspace.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert b"khearmon0@netvibes.com" not in content
                assert b"831-155-1615" not in content


@pytest.mark.xdist_group("small_examples")
class TestGiftRetailer:
    """UCI Online Retail."""

    @pytest.fixture
    def ask(self, run_example: Runs, asking):
        return asking(run_example("gift_retailer"))

    def test_lines_invoices_cancellations_and_customers(self, ask) -> None:
        assert ask("""
            SELECT count(*), count(DISTINCT order_id), count(DISTINCT CASE WHEN event_name = 'cancellation_line' THEN order_id END),
                count(DISTINCT user_id)
            FROM events
        """) == [(541_909, 25_900, 3_836, 4_372)]
        assert ask("SELECT n_people FROM build") == [(4_372,)]

    def test_the_sum_of_quantity_times_price(self, ask) -> None:
        assert ask("SELECT sum(amount) FROM events") == [(Decimal("9747747.9340"),)]

    def test_lines_without_a_customer_belong_to_nobody_and_are_counted(self, ask) -> None:
        assert ask("SELECT count(*) FROM events WHERE person_id IS NULL") == [(135_080,)]


@pytest.mark.xdist_group("small_examples")
class TestHelpDesk:
    """An Italian software company's help desk; a journey is a ticket."""

    @pytest.fixture
    def ask(self, run_example: Runs, asking):
        return asking(run_example("help_desk"))

    def test_events_tickets_and_variants(self, ask) -> None:
        assert ask("SELECT n_events, n_journeys FROM build") == [(21_348, 4_580)]
        assert ask("""
            SELECT count(DISTINCT variant)
            FROM (SELECT string_agg(touchpoint, '>' ORDER BY step_number) AS variant FROM journey_steps GROUP BY journey_id)
        """) == [(226,)]

    @pytest.mark.parametrize(
        ("source", "target", "n"),
        [
            ("resolve_ticket", "closed", 4_558),
            ("assign_seriousness", "take_in_charge", 4_160),
            ("take_in_charge", "wait", 1_265),
        ],
    )
    def test_transitions_of_touchpoints(self, ask, source: str, target: str, n: int) -> None:
        assert ask(f"""
            SELECT count(*)
            FROM (SELECT touchpoint, lead(touchpoint) OVER (PARTITION BY journey_id ORDER BY step_number) AS following FROM journey_steps)
            WHERE touchpoint = '{source}' AND following = '{target}'
        """) == [(n,)]

    def test_tickets_that_end_closed(self, ask) -> None:
        assert ask("SELECT count(*) FROM journeys WHERE last_stage = 'closed'") == [(4_557,)]


@pytest.mark.xdist_group("small_examples")
class TestSupportTickets:
    """Tickets with ratings, and no opening time."""

    @pytest.fixture
    def ask(self, run_example: Runs, asking):
        return asking(run_example("support_tickets"))

    def test_every_record_is_accounted_for(self, ask) -> None:
        assert ask("SELECT status, reason, n_records FROM ledger ORDER BY 1") == [
            ("accepted", None, 5_650),
            ("filtered", "no_time", 2_819),
        ]

    def test_ratings(self, ask) -> None:
        [(mean, n)] = ask(
            "SELECT value, n_units FROM kpi_status WHERE kpi = 'csat_mean' AND persona = '(all)' AND period = 'all'"
        )
        assert (round(mean, 4), n) == (2.9913, 2_769)
        assert ask("SELECT sum(value) FROM kpi_units WHERE kpi = 'csat_score'") == [(1_087,)]

    def test_times_are_not_measured_without_an_opening_time(self, ask) -> None:
        assert ask("""
            SELECT DISTINCT kpi, status, value FROM kpi_status WHERE kpi IN ('first_response_hours', 'resolution_hours') ORDER BY kpi
        """) == [("first_response_hours", "not measured", None), ("resolution_hours", "not measured", None)]


@pytest.mark.xdist_group("small_examples")
class TestIntranet:
    """Deskdrop: articles read and discussed."""

    def test_records_and_exact_duplicates(self, run_example: Runs, asking) -> None:
        ask = asking(run_example("intranet"))
        assert ask("SELECT status, n_records FROM ledger ORDER BY 1") == [("accepted", 72_301), ("duplicate", 11)]

    @pytest.mark.parametrize(("overrides", "n_sessions"), [({}, 28_740), ({"sessions__by": "gap"}, 38_508)])
    def test_sessions_by_both_rules(
        self, run_example: Runs, asking, overrides: dict[str, str], n_sessions: int
    ) -> None:
        assert asking(run_example("intranet", **overrides))("SELECT count(*) FROM sessions") == [(n_sessions,)]
