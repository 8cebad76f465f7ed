"""Whatever is delivered, in whatever order, and whatever the definition says next: three ways to the tables agree."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pipelines.build import inputs
from pipelines.collect import land_sources
from pipelines.definition import Definition
from pipelines.workspace import Workspace, published
from tests.generative import shop
from tests.generative.builds import (
    assert_same,
    broken,
    erased,
    everything,
    full,
    incremental,
    like_the_reference,
    remembered,
)
from tests.reference import erasure, events, identity, warehouse

TIMES = st.builds(
    lambda days, grid: (shop.START + timedelta(days=days, minutes=5 * grid)).isoformat(),
    st.sampled_from([0, 0, 0, 0, -1, -150]),
    st.integers(0, 48),
)
"""On a grid of five minutes around the gaps, some of them up to 150 days late."""

WHO = {
    "user": st.sampled_from([None, None, "1", "2", "3", " 'NULL' "]),
    "email": st.sampled_from([None, None, None, "ann@shop.example", "bob@shop.example", "info@shop.example"]),
}
WEB = st.fixed_dictionaries(
    {
        "id": st.integers(1, 12).map("e{:02}".format),
        "what": st.sampled_from(shop.WEB_NAMES),
        "at": TIMES,
        "n": st.integers(1, 2),
        "device": st.sampled_from([None, "d1", "d1", "d2", "d3"]),
        "order": st.sampled_from([None, None, "o1", "o2", "-"]),
        "phone": st.sampled_from([None, None, None, "+4930123456"]),
        "session": st.sampled_from([None, "s1", "s2"]),
        "account": st.sampled_from([None, None, "a1", "a2", "null"]),
        **WHO,
    }
)
DESK = st.fixed_dictionaries(
    {
        "id": st.integers(1, 6).map("e{:02}".format),
        "what": st.sampled_from(["ask", "answered"]),
        "at": TIMES,
        "n": st.integers(1, 2),
        "ticket": st.sampled_from(["t1", "t2", "-"]),
        "order": st.sampled_from([None, None, "o1", "o3"]),
        **WHO,
    }
)
ORDERS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["o1", "o2", "o3"]),
        "updated": TIMES,
        "n": st.integers(1, 2),
        "placed": TIMES,
        "delivered": st.none() | TIMES,
        **WHO,
    }
)
CHOICES = {
    "session_gap": [30, 45],
    "journey_gap": [120, 60],
    "attribute_back": [60, 20],
    "user_cap": [2, 1],
    "person_cap": [4, 2],
    "kpi_window": [60, 5],
    "kpi_target": [0.5, 0.6],
    "returns": [1, 2],
    "is_by_source": [False, True],
    "looks_in_cart": [False, True],
    "blocks_first_device": [False, True],
    "unlinks_first_user": [False, True],
}


def night(workspace: Workspace, deliveries: Sequence[events.Delivery], choices: shop.Choices = shop.Choices()) -> None:
    """Build on yesterday and publish, and hold the tables against the reference model and the invariants."""
    agrees(incremental(workspace, shop.definition(choices)), deliveries, choices)


def agrees(built: Path, deliveries: Sequence[events.Delivery], choices: shop.Choices) -> None:
    """Hold the tables of a build against the reference model and the invariants."""
    expected = warehouse.tables(deliveries, shop.definition(choices), shop.identity_rules(choices))
    assert_same(like_the_reference(built), expected)
    assert broken(built) == []


def at(minutes: int) -> str:
    """So many minutes after the shop opens."""
    return (shop.START + timedelta(minutes=minutes)).isoformat()


def seen(id: str, minutes: int, **rest: str) -> shop.Row:
    """A search."""
    return {"id": id, "what": "search", "at": at(minutes), "n": 1, **rest}


FOUND: dict[str, list[tuple[str, list[shop.Row]]]] = {
    "an_id_that_two_sources_use_is_two_events": [
        ("web", [seen("e01", 0, user="1")]),
        ("desk", [{"id": "e01", "what": "ask", "at": at(0), "n": 1, "ticket": "t1"}]),
    ],
    "an_event_that_only_a_blocked_identifier_names_is_nobodys": [("web", [seen("e01", 0, user=" 'NULL' ")])],
    "an_account_that_names_nothing_is_nobodys": [
        ("web", [seen("e01", 0, user="1", account="null"), seen("e02", 5, user="2", account="a1")]),
        ("web", [seen("e03", 10, user="3", account="null")]),
    ],
    "an_order_whose_newest_version_has_no_time_left_is_gone": [
        ("web", [seen("e01", 0, user="1")]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(0), "delivered": None, "user": "1"}]),
        ("orders", [{"id": "o1", "updated": at(60), "n": 1, "placed": None, "delivered": None, "user": "1"}]),
    ],
    "a_night_begins_from_a_build_without_events": [
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(0), "delivered": None, "user": "1"}]),
        ("orders", [{"id": "o1", "updated": at(60), "n": 1, "placed": None, "delivered": None, "user": "1"}]),
        ("orders", [{"id": "o1", "updated": at(90), "n": 1, "placed": None, "delivered": None, "user": "2"}]),
        ("orders", [{"id": "o1", "updated": at(120), "n": 1, "placed": at(0), "delivered": None, "user": "2"}]),
    ],
    "a_ticket_of_a_source_that_has_only_answered_is_open": [
        ("web", [seen("e01", 0)]),
        ("desk", [{"id": "e01", "what": "answered", "at": at(0), "n": 1, "ticket": "t1"}]),
    ],
    "a_blocked_identifier_is_listed_after_its_record_was_replaced": [
        ("web", [seen("e01", 0, user="1")]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(0), "delivered": None, "user": " 'NULL' "}]),
        ("orders", [{"id": "o1", "updated": at(60), "n": 1, "placed": at(0), "delivered": None, "user": "1"}]),
    ],
    "what_is_passive_in_an_old_visit_stays_counted_when_a_later_session_changes": [
        ("web", [seen("e01", 0, user="1"), seen("e02", 50, user="1", device="d1"), seen("e03", 120, user="1", device="d2")]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(300), "delivered": at(200), "user": "1"}]),
        ("web", [seen("e04", 125, user="1", device="d2")]),
    ],
    "what_is_passive_belongs_to_a_visit_that_comes_in_between": [
        ("web", [seen("e01", 0, user="1")]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(5), "delivered": at(200), "user": "1"}]),
        ("web", [seen("e02", 120, user="1")]),
    ],
    "tries_in_two_sessions_stay_one_attempt_when_a_later_session_changes": [
        ("web", [{**seen(f"e0{n}", 40 * n, user="1"), "what": "sign_in"} for n in range(3)]),
        ("web", [{**seen("e03", 85, user="1"), "what": "sign_in"}]),
    ],
    "a_silence_of_exactly_the_gap_ends_no_visit_no_session_and_no_journey": [
        ("web", [seen("e01", 0, user="1", device="d1"), seen("e02", 30, device="d1"), seen("e03", 60, user="1", device="d2")]),
        ("web", [seen("e04", 180, user="1")]),
    ],
    "of_two_records_with_one_id_the_first_counts": [
        ("web", [seen(id, minutes, user="1") for id in ("e01", "e02", "e03") for minutes in (0, 5)]),
        ("web", [seen(id, 60, user="2") for id in ("e01", "e02", "e03")]),
    ],
    "who_is_linked_through_a_third_is_one_person": [
        ("web", [seen("e01", 0, user="1", email="bob@shop.example"), seen("e02", 60, user="1", email="ann@shop.example")]),
        ("web", [seen("e03", 120, phone="+4930123456", email="bob@shop.example"), seen("e04", 180, email="ann@shop.example")]),
    ],
    "a_mailbox_of_many_makes_no_person": [
        ("web", [seen(f"e0{user}", 0, user=user, email="ann@shop.example") for user in "123"]),
    ],
    "an_older_version_of_a_record_that_comes_late_changes_nothing": [
        ("orders", [{"id": "o1", "updated": at(60), "n": 1, "placed": at(0), "delivered": None, "user": "1"}]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": at(5), "delivered": None, "user": "2"}]),
    ],
    "an_event_comes_150_days_late": [
        ("web", [seen("e01", 0, user="1")]),
        ("web", [seen("e02", -150 * 24 * 60, user="1"), seen("e03", -150 * 24 * 60, user="2")]),
    ],
    "who_merges_into_somebody_brings_what_they_did_long_before": [
        ("web", [seen("e01", -1000, user="1"), seen("e02", -900, email="ann@shop.example"), seen("e03", -800, user="1")]),
        ("web", [seen("e04", 0, user="1", email="ann@shop.example")]),
    ],
    "a_journey_that_begins_outside_sessions_has_the_persona_of_a_session_that_came_late": [
        ("web", [seen("e01", 0, user="1"), seen("e02", 35, user="1", device="d1")]),
        ("orders", [{"id": "o1", "updated": at(0), "n": 1, "placed": None, "delivered": at(100), "user": "1"}]),
        ("web", [seen("e03", 70, user="1", device="d2")]),
    ],
}  # fmt: skip
"""What was found or is easily lost, at its smallest: deliveries, each followed by a night."""


@pytest.mark.parametrize("delivered", FOUND.values(), ids=FOUND)
def test_the_smallest_cases_agree_three_ways(delivered: list[tuple[str, list[shop.Row]]], tmp_path: Path) -> None:
    workspace, choices = shop.workspace(tmp_path), shop.Choices(returns=2)
    deliveries = []
    for source, rows in delivered:
        shop.deliver(workspace, source, rows)
        deliveries.append(shop.delivery(source, rows))
        night(workspace, deliveries, choices)
    with full(workspace, shop.definition(choices)) as afresh:
        assert_same(everything(published(workspace)), everything(afresh))


class Nights(RuleBasedStateMachine):
    """A shop to which things are delivered; every run of it is held against a full build and the reference model."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace = shop.workspace(Path(tempfile.mkdtemp()))
        self.choices = shop.Choices()
        self.delivered: list[tuple[str, list[shop.Row]]] = []
        self.deliveries: list[events.Delivery] = []
        self.erased: erasure.Names = frozenset()
        self.n_runs = 0
        self.is_news = False

    def teardown(self) -> None:
        try:
            if self.is_news and self.is_anything_left:
                self.run()
            self.compare_with_a_full_build()
        finally:
            shutil.rmtree(self.workspace.root)

    @initialize(rows=st.lists(WEB, min_size=2, max_size=6))
    def open(self, rows: list[shop.Row]) -> None:
        self.deliver("web", rows)

    @rule(rows=st.lists(WEB, min_size=1, max_size=4))
    def deliver_web(self, rows: list[shop.Row]) -> None:
        self.deliver("web", rows)

    @rule(rows=st.lists(DESK, min_size=1, max_size=3))
    def deliver_desk(self, rows: list[shop.Row]) -> None:
        self.deliver("desk", rows)

    @rule(rows=st.lists(ORDERS, min_size=1, max_size=3))
    def deliver_or_change_orders(self, rows: list[shop.Row]) -> None:
        self.deliver("orders", rows)

    @rule(number=st.integers(0, 9))
    def redeliver(self, number: int) -> None:
        self.deliver(*self.delivered[number % len(self.delivered)])

    @rule(number=st.integers(0, 9), other=WEB)
    def conflict(self, number: int, other: shop.Row) -> None:
        rows = [row for source, rows in self.delivered if source == "web" for row in rows]
        self.deliver("web", [{**other, "id": rows[number % len(rows)]["id"]}])

    @rule(order=st.sampled_from(["o1", "o2", "o3"]), updated=TIMES)
    def delete_order(self, order: str, updated: str) -> None:
        self.deliver("orders", [{"id": order, "updated": updated, "n": 1, "placed": None, "delivered": None}])

    @rule(number=st.integers(0, 11), user=st.sampled_from("123"), at=TIMES)
    def merge(self, number: int, user: str, at: str) -> None:
        row = {"id": f"e{number:02}", "what": "signed_in", "at": at, "n": 1, "user": user, "email": "ann@shop.example"}
        self.deliver("web", [row])

    @rule(name=st.sampled_from(sorted(CHOICES)), number=st.integers(0, 1))
    def change_definition(self, name: str, number: int) -> None:
        changed = replace(self.choices, **{name: CHOICES[name][number]})
        self.is_news = self.is_news or changed != self.choices
        self.choices = changed

    def deliver(self, source: str, rows: list[Any]) -> None:
        ledger = shop.deliver(self.workspace, source, rows)
        self.deliveries.append(erasure.kept_out(self.erased, shop.delivery(source, rows)))
        self.delivered.append((source, rows))
        self.is_news = True
        assert sum(row.n_records for row in ledger) == len(rows)
        if source != "orders":
            n_accepted = sum(row.n_records for row in ledger if row.status == "accepted")
            assert n_accepted == events.landed(self.deliveries)[1][-1]["accepted"]

    @precondition(lambda self: self.is_anything_left)
    @rule(number=st.integers(0, 9))
    def erase(self, number: int) -> None:
        """Erase one of those who are published; what they did is gone, and what comes of them later stays out."""
        if self.is_news:
            self.run()
        rules = shop.identity_rules(self.choices)
        people = sorted(identity.people(events.accepted(self.deliveries), rules).identifiers)
        if people:
            person = people[number % len(people)]
            self.erased |= erasure.names_of(person, self.deliveries, rules)
            erased(self.workspace, self.definition, person)
            self.deliveries = erasure.forgotten(self.erased, self.deliveries)
            if self.is_anything_left:
                agrees(published(self.workspace), self.deliveries, self.choices)
            else:
                self.n_runs = 0

    @property
    def is_anything_left(self) -> bool:
        return bool(events.landed(self.deliveries)[0])

    @precondition(lambda self: self.is_news and self.is_anything_left)
    @rule()
    def run(self) -> None:
        before = published(self.workspace) if self.n_runs else None
        night(self.workspace, self.deliveries, self.choices)
        if before and before != published(self.workspace):
            remembered(before, published(self.workspace))
        self.n_runs += 1
        self.is_news = False

    def compare_with_a_full_build(self) -> None:
        """After the first run there is nothing to compare: it is a full build itself."""
        if self.n_runs > 1:
            with full(self.workspace, self.definition) as afresh:
                assert_same(everything(published(self.workspace)), everything(afresh))

    @property
    def definition(self) -> Definition:
        return shop.definition(self.choices)


TestNights = Nights.TestCase
TestNights.settings = settings(max_examples=settings.default.max_examples // 4, stateful_step_count=8)


def test_as_of_moves_on_without_news_and_back_again(tmp_path: Path) -> None:
    """Journeys mature, units do, and days leave their periods; or all that is undone."""
    workspace, definition = shop.workspace(tmp_path), shop.definition()
    for night, user in enumerate("1231"):
        rows = [seen(f"e{night}{n}", night * 300 + n * 20, user=user, device="d1") for n in range(4)]
        shop.deliver(workspace, "web", [{**row, "what": what} for row, what in zip(rows, shop.WEB_NAMES, strict=False)])
    for days in (0, 1, 60, 0.5, 0.6):
        as_of = shop.START + timedelta(days=days)
        built = incremental(workspace, definition, as_of=as_of)
        with full(workspace, definition, as_of) as afresh:
            assert_same(everything(built), everything(afresh))


def test_a_run_with_nothing_new_publishes_nothing(tmp_path: Path) -> None:
    workspace = shop.workspace(tmp_path / "shop")
    row = {"id": "e01", "what": "search", "at": shop.START.isoformat(), "n": 1, "user": "1"}
    shop.deliver(workspace, "web", [row])
    first = incremental(workspace, shop.definition())
    assert land_sources(workspace, shop.definition(), lambda line: None, only=["web"], now=shop.NOW).entries == ()
    assert inputs(workspace, shop.definition()).build_id == first.name
