"""The demo finds what was planted: the truth lies beside the shop's data."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from pipelines.demo.tour import demo
from pipelines.run import Outcome
from pipelines.workspace import Workspace

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def truth(demo_shop: Outcome) -> dict[str, Any]:
    return json.loads((demo_shop.workspace / "shop" / "truth.json").read_text())


@pytest.fixture
def ask(demo_shop: Outcome, asking: Callable):
    return asking(demo_shop)


def defect(truth: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(found for found in truth["defects"] if found["kind"] == kind)


@pytest.mark.parametrize(
    ("kpi", "persona", "compared_with"),
    [
        ("payment_completion_rate", "(all)", "previous period"),
        ("checkout_completion_rate", "(all)", "previous period"),
        ("login_success_rate", "mobile_newcomers", "other personas"),
        ("first_response_hours", "(all)", "previous period"),
        ("csat_score", "(all)", "previous period"),
        ("conversion_rate", "tablet_newcomers", "other personas"),
    ],
)
def test_every_planted_defect_is_a_pain_point(ask, kpi: str, persona: str, compared_with: str) -> None:
    [(n,)] = ask(f"""
        SELECT count(*) FROM pain_points
        WHERE kpi = '{kpi}' AND persona = '{persona}' AND compared_with = '{compared_with}' AND p_adjusted < 0.05
    """)
    assert n == 1


def test_the_payment_outage_stands_out_on_its_days(ask, truth: dict[str, Any]) -> None:
    outage = defect(truth, "payment_outage")
    first, last = date.fromisoformat(outage["first_day"][:10]), date.fromisoformat(outage["last_day"][:10])
    # The shop breaks by UTC days, the board counts by local ones: leave out the days at the edges.
    inner = f"day BETWEEN DATE '{first + timedelta(days=1)}' AND DATE '{last - timedelta(days=1)}'"
    [(broken, whole)] = ask(f"""
        SELECT sum(value * n_units) FILTER ({inner}) / sum(n_units) FILTER ({inner}),
            sum(value * n_units) FILTER (day < DATE '{first}') / sum(n_units) FILTER (day < DATE '{first}')
        FROM kpi_daily WHERE kpi = 'payment_completion_rate' AND persona = '(all)'
    """)
    rates = outage["rates"][0]
    assert broken == pytest.approx(rates["with"]["value"], abs=0.08)
    assert whole == pytest.approx(rates["without"]["value"], abs=0.03)


def test_quarantine_and_duplicates_are_those_that_were_planted(ask, truth: dict[str, Any]) -> None:
    quarantined = dict(
        ask("SELECT reason, sum(n_records)::INT FROM ledger WHERE status = 'quarantined' GROUP BY reason")
    )
    planted: dict[str, int] = {}
    for record in truth["expected_quarantine"]:
        planted[record["reason"]] = planted.get(record["reason"], 0) + 1
    assert quarantined == planted
    [(n,)] = ask("SELECT sum(n_records)::INT FROM ledger WHERE status = 'duplicate' AND source = 'web'")
    assert n == truth["expected_duplicates"]["n"]
    assert ask("SELECT count(*) FROM events WHERE source = 'web'") == [(truth["n_events"],)]


def test_no_person_is_two_people(demo_shop: Outcome, ask) -> None:
    people = demo_shop.workspace / "shop" / "people.parquet"
    import duckdb

    pairs = ask("SELECT DISTINCT user_id, person_id FROM events WHERE source = 'web' AND user_id IS NOT NULL")
    con = duckdb.connect()
    true_person = dict(
        con.execute(
            "SELECT DISTINCT user_id, person_no FROM read_parquet($file) WHERE user_id IS NOT NULL",
            {"file": str(people)},
        ).fetchall()
    )
    con.close()
    of_person: dict[str, set[int]] = {}
    of_true: dict[int, set[str]] = {}
    for user_id, person_id in pairs:
        of_person.setdefault(person_id, set()).add(true_person[user_id])
        of_true.setdefault(true_person[user_id], set()).add(person_id)
    assert max(map(len, of_person.values())) == 1
    assert max(map(len, of_true.values())) == 1


def test_tickets_and_orders_belong_to_the_people_of_the_web(ask) -> None:
    """Requesters and customers are joined by user id and e-mail, whatever the capitals."""
    [(n_orders, n_known)] = ask("""
        SELECT count(*), count(CASE WHEN person_id IN (SELECT person_id FROM events WHERE source = 'web') THEN 1 END)
        FROM events WHERE event_name = 'order_placed'
    """)
    assert n_known == n_orders
    [(share,)] = ask("""
        SELECT avg(CASE WHEN person_id IN (SELECT person_id FROM events WHERE source = 'web') THEN 1.0 ELSE 0.0 END)
        FROM events WHERE event_name = 'ticket_opened'
    """)
    assert share > 0.9


def test_addresses_and_tokens_are_nowhere_in_what_was_made(demo_shop: Outcome, ask) -> None:
    desk = json.loads((demo_shop.workspace / "shop" / "tickets.json").read_text())
    canaries = [user["email"].encode() for user in desk["users"][:20]]
    for folder in ("landing", "builds"):
        for path in (demo_shop.workspace / folder).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [canary for canary in canaries if canary in content], path
    assert ask("SELECT count(*) FROM events WHERE page_path LIKE '%?%' OR page_path LIKE '%token%'") == [(0,)]


def test_a_second_demo_finds_nothing_new(demo_shop: Outcome) -> None:
    again = demo(Workspace(demo_shop.workspace), 60_000, 7, lambda line: None)
    assert (again.is_new, again.n_landed, again.build_id) == (False, 0, demo_shop.build_id)
