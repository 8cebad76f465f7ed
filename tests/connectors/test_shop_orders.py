"""Orders, from the shop's pages to event rows, against a local server of the vendor's shape."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import shop_orders
from connectors.api_settings import Patience
from connectors.delivery import Context, Delivery
from connectors.engine import connect
from connectors.errors import ConnectorError, SourceChanged, SourceUnavailable
from connectors.shop_orders import Config
from pipelines.demo.apis import Fault, shop_api

NOW = datetime(2024, 5, 2, 3, tzinfo=UTC)
CANARY = "canary-c02d11"
FAST = Patience(attempts=3, timeout_seconds=5, first_wait_seconds=0.01, longest_wait_seconds=1)
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", CANARY)


def config(url: str = "https://shop.example", **keys: Any) -> Config:
    return Config.model_validate({"url": url, "token": {"env": "SHOP_TOKEN"}, "patience": FAST} | keys)


def context(cursor: str | None = None) -> Context:
    return Context(Path(), cursor, frozenset(), NOW, lambda line: None)


def order(order_id: int, **fields: Any) -> Row:
    return {
        "id": order_id, "created_at": "2024-05-01T11:00:00+02:00", "processed_at": "2024-05-01T11:00:00+02:00",
        "updated_at": "2024-05-01T20:00:00+02:00", "cancelled_at": None, "test": False, "total_price": "129.90",
        "currency": "EUR", "email": "ann@shop.example", "phone": None, "source_name": "web", "note": "private words",
        "customer": {"id": 7, "email": "ann@mail.example", "phone": "+49 30 123", "first_name": "Private"},
        "shipping_address": {"address1": "Private Street 1", "country_code": "DE"}, "billing_address": None,
        "client_details": {"browser_ip": "203.0.113.9"}, "fulfillments": [], "refunds": [],
    } | fields  # fmt: skip


SENT = {
    "id": 31, "created_at": "2024-05-01T14:00:00+02:00", "updated_at": "2024-05-01T19:00:00+02:00", "status": "success",
}  # fmt: skip


def walk(
    orders: Sequence[Row],
    *,
    cursor: str | None = None,
    faults: Sequence[Fault | None] = (),
    now: datetime = NOW,
    requests: list[str] | None = None,
    calls: int = 40,
    calls_per_second: float = 1000.0,
    **keys: Any,
) -> list[Delivery]:
    with shop_api(
        orders, now=now, token=CANARY, faults=faults, requests=requests, calls=calls, calls_per_second=calls_per_second
    ) as url:
        return list(shop_orders.fetch(config(url, **keys), context(cursor)))


def records(delivery: Delivery) -> list[Any]:
    con = connect()
    try:
        return [json.loads(raw) for _, raw in delivery.load(con).select("line_no, raw").order("line_no").fetchall()]
    finally:
        con.close()


def ids(delivery: Delivery) -> list[int]:
    return [record["id"] for record in records(delivery)]


def events(delivery: Delivery, columns: str) -> list[Any]:
    con = connect()
    try:
        delivery.load(con).create_view("records")
        return shop_orders.events(con, config()).select(columns).fetchall()
    finally:
        con.close()


def event_rows(one: Row, columns: str) -> list[Any]:
    (delivery,) = walk([one])
    return events(delivery, columns)


def at(hour: int) -> datetime:
    return datetime(2024, 5, 1, hour)


def test_an_order_is_placed_by_its_customer() -> None:
    (delivery,) = walk([order(1)])
    columns = "line_no, fault, filter_reason, identity, event_name, channel, is_passive, occurred_at, amount, currency"
    assert events(delivery, columns) == [
        (1, None, None, "order 1 order_placed", "order_placed", "shop", False, at(9), Decimal("129.9000"), "EUR")
    ]
    assert events(delivery, "user_id, email, phone, country, order_id, record_id, updated_at, properties") == [
        ("7", "ann@shop.example", "+49 30 123", "DE", "1", "1", at(18), '{"source_name":"web"}')
    ]


def test_what_happens_to_an_order_afterwards_is_passive() -> None:
    delivered = SENT | {"shipment_status": "delivered"}
    refunds = [{"id": 41, "created_at": "2024-05-01T17:00:00Z", "transactions": [
        {"amount": "20.00", "kind": "refund", "status": "success"},
        {"amount": "5.50", "kind": "refund", "status": "success"},
        {"amount": "99.00", "kind": "refund", "status": "failure"},
        {"amount": "99.00", "kind": "void", "status": "success"},
    ]}]  # fmt: skip
    full = order(1, fulfillments=[delivered, SENT | {"id": 32}], refunds=refunds, cancelled_at="2024-05-01T18:00:00Z")
    columns = "identity, is_passive, occurred_at, sequence, amount, currency"
    assert event_rows(full, columns)[1:] == [
        ("order 1 order_shipped 31", True, at(12), 2, None, None),
        ("order 1 order_shipped 32", True, at(12), 2, None, None),
        ("order 1 order_delivered 31", True, at(17), 3, None, None),
        ("order 1 order_refunded 41", True, at(17), 4, Decimal("25.5000"), "EUR"),
        ("order 1 order_cancelled", True, at(18), 5, None, None),
    ]


@pytest.mark.parametrize("status", ["cancelled", "error", "failure"])
def test_a_fulfilment_that_failed_ships_nothing(status: str) -> None:
    failed = SENT | {"status": status, "shipment_status": "delivered"}
    assert event_rows(order(1, fulfillments=[failed]), "event_name") == [("order_placed",)]


def test_a_refund_without_money_is_still_a_refund() -> None:
    refund = {"id": 41, "created_at": "2024-05-01T17:00:00Z", "transactions": []}
    assert event_rows(order(1, refunds=[refund]), "event_name, amount")[1:] == [("order_refunded", Decimal(0))]


def test_an_imported_order_was_placed_when_it_was_processed() -> None:
    assert event_rows(order(1, processed_at="2024-04-01T00:00:00Z"), "occurred_at") == [(datetime(2024, 4, 1),)]
    assert event_rows(order(1, processed_at=None), "occurred_at") == [(at(9),)]


def test_a_guest_is_known_by_the_address_given_at_the_checkout() -> None:
    guest = order(1, customer=None, email="", contact_email="guest@mail.example")
    assert event_rows(guest, "user_id, email, phone") == [(None, "guest@mail.example", None)]


def test_a_test_order_is_filtered() -> None:
    fulfilled = order(1, test=True, fulfillments=[SENT])
    assert event_rows(fulfilled, "line_no, fault, filter_reason") == [(1, None, "test_order")]


@pytest.mark.parametrize(("fields", "fault"), [
    ({"created_at": "yesterday"}, "bad_time"),
    ({"processed_at": "yesterday"}, "bad_time"),
    ({"created_at": None, "processed_at": None}, "bad_time"),
    ({"updated_at": "x"}, "bad_time"),
    ({"cancelled_at": "-infinity"}, "bad_time"),
    ({"fulfillments": [SENT | {"created_at": None}]}, "bad_time"),
    ({"refunds": [{"id": 1, "created_at": "x"}]}, "bad_time"),
    ({"total_price": "12,50"}, "bad_amount"),
    ({"total_price": None}, "bad_amount"),
    ({"total_price": "NaN"}, "bad_amount"),
    ({"total_price": "1e30"}, "bad_amount"),
    ({"refunds": [{"id": 1, "created_at": "2024-05-01T17:00:00Z", "transactions": [{"amount": "?"}]}]}, "bad_amount"),
    ({"id": None}, "no_id"),
])  # fmt: skip
def test_an_order_that_cannot_be_read_says_why_once(fields: Row, fault: str) -> None:
    assert event_rows(order(1, fulfillments=[SENT]) | fields, "line_no, fault") == [(1, fault)]


def test_something_that_is_no_order_keeps_its_place() -> None:
    con = connect()
    con.sql(
        "SELECT * FROM (VALUES (1, '[1]', 'bad_json'), (2, '{\"id\"', NULL), (3, '{}', NULL)) t(line_no, raw, fault)"
    ).create_view("records")
    assert shop_orders.events(con, config()).select("line_no, fault").fetchall() == [
        (1, "bad_json"), (2, "bad_json"), (3, "no_id"),
    ]  # fmt: skip
    con.close()


@pytest.mark.parametrize(
    "fields",
    [
        {"customer": "Ann"},
        {"shipping_address": []},
        {"fulfillments": "none"},
        {"refunds": {"id": 1}},
        {"refunds": [{"id": 1, "created_at": "2024-05-02T10:00:00Z", "transactions": "none"}]},
    ],
)
def test_fields_of_the_wrong_kind_are_no_silent_null(fields: Row) -> None:
    assert event_rows(order(1, **fields), "event_name, fault") == [("order_placed", "wrong_shape")]


def test_a_test_that_is_neither_yes_nor_no_faults_the_order() -> None:
    assert event_rows(order(1, test="maybe"), "fault") == [("bad_test",)]


def test_refunds_that_are_none_fault_the_order_and_unknown_fields_do_no_harm() -> None:
    assert event_rows(order(1, refunds=[None, 3]), "event_name, fault") == [("order_placed", "bad_time")]
    assert event_rows(order(1, note_attributes={}), "event_name, fault") == [("order_placed", None)]


def test_only_what_is_needed_is_asked_for_and_kept() -> None:
    requests: list[str] = []
    (delivery,) = walk([order(1)], requests=requests)
    (kept,) = records(delivery)
    assert "fields=id%2Ccreated_at" in requests[0]
    assert kept["customer"] == {"id": 7, "email": "ann@mail.example", "phone": "+49 30 123"}
    assert kept["shipping_address"] == {"country_code": "DE"}
    assert not {"note", "client_details"} & kept.keys()
    assert "private" not in json.dumps(kept).lower()


def test_orders_are_complete_until_the_overlap_before_the_first_answer() -> None:
    (delivery,) = walk([order(1), order(2, updated_at="2024-05-01T18:30:00Z")])
    assert delivery.name == "orders since 2000-01-01T00:00:00+00:00"
    assert delivery.cursor == "2024-05-01T18:30:00+00:00"
    assert delivery.complete_until == NOW - timedelta(seconds=60)
    assert delivery.is_overlap


def test_the_next_walk_repeats_the_overlap_and_catches_what_became_visible_late() -> None:
    orders = [order(1, updated_at="2024-05-01T10:00:00Z"), order(2, updated_at="2024-05-01T12:00:00Z")]
    (first,) = walk(orders)
    late = order(3, updated_at="2024-05-01T11:59:30Z")
    (second,) = walk([*orders, late], cursor=first.cursor)
    assert ids(second) == [3, 2]
    assert second.cursor == first.cursor
    (third,) = walk(orders, cursor=first.cursor, overlap_seconds=0)
    assert ids(third) == [2]


def test_no_order_at_all_still_brings_a_promise() -> None:
    (delivery,) = walk([], cursor="2024-05-01T00:00:00+00:00")
    assert (ids(delivery), delivery.cursor, delivery.is_overlap) == ([], "2024-05-01T00:00:00+00:00", True)
    assert events(delivery, "event_name") == []


def test_a_change_from_the_future_does_not_carry_the_cursor_away() -> None:
    with shop_api([order(1, updated_at="2024-05-01T00:00:00Z")], now=NOW, token=CANARY) as url:
        (first,) = shop_orders.fetch(config(url), context())
    assert first.cursor == "2024-05-01T00:00:00+00:00"
    assert shop_orders._newest([{"updated_at": "9999-01-01T00:00:00Z"}], NOW) == NOW


def test_more_than_a_page_of_equal_times_arrives_whole() -> None:
    requests: list[str] = []
    (delivery,) = walk([order(number) for number in range(1, 1102)], requests=requests)
    assert ids(delivery) == list(range(1, 1102))
    assert len(requests) == 5
    assert len(events(delivery, "identity")) == 1101


def test_a_long_walk_comes_in_parts_that_a_later_walk_goes_on_from() -> None:
    orders = [order(number, updated_at=f"2024-05-01T{number // 60:02}:{number % 60:02}:00Z") for number in range(1, 61)]
    first, second = walk(orders, page_size=1, overlap_seconds=0)
    assert (len(ids(first)), len(ids(second))) == (50, 10)
    assert (first.complete_until, second.complete_until) == (None, NOW)
    assert first.cursor == "2024-05-01T00:50:00+00:00"
    (rest,) = walk(orders, cursor=first.cursor, overlap_seconds=0)
    assert ids(rest) == list(range(50, 61))


def test_a_page_sent_again_is_harmless() -> None:
    (delivery,) = walk([order(number) for number in (1, 2, 3, 4)], page_size=2, faults=[None, "page again"])
    assert ids(delivery) == [1, 2, 1, 2, 3, 4]
    assert len(set(events(delivery, "identity, record_hash"))) == 4


def test_links_that_lead_nowhere_are_an_error() -> None:
    requests: list[str] = []
    with pytest.raises(SourceChanged, match="lead back to a page already read; its walk would never end"):
        walk([order(1), order(2), order(3)], page_size=1, faults=[None, "stuck", "stuck", "stuck"], requests=requests)
    assert len(requests) == 2


def test_a_link_to_another_host_is_not_followed() -> None:
    requests: list[str] = []
    with pytest.raises(SourceChanged, match=r"links to a page on another host, '127.0.0.2'"):
        walk([order(1)], faults=["other host"], requests=requests)
    assert len(requests) == 1


def test_an_expired_page_link_is_worth_another_run() -> None:
    with pytest.raises(SourceUnavailable, match="A page link expires: run again"):
        walk([order(1), order(2)], page_size=1, faults=[None, "expired"])


def test_a_server_that_recovers_loses_nothing() -> None:
    faults: list[Fault | None] = ["500", "500", None, "half an answer", "HTML", None, "429 in seconds"]
    requests: list[str] = []
    (delivery,) = walk([order(1), order(2), order(3)], page_size=1, faults=faults, requests=requests)
    assert ids(delivery) == [1, 2, 3]
    assert len(requests) == 8


def test_near_the_call_limit_we_slow_down() -> None:
    """Five calls of five used is 20 per cent too many: four seconds to drain, held to a tenth of one here."""
    quick = FAST.model_copy(update={"longest_wait_seconds": 0.1})
    started = time.monotonic()
    orders = [order(number) for number in range(1, 6)]
    (delivery,) = walk(orders, page_size=1, calls=5, calls_per_second=0.01, patience=quick)
    assert ids(delivery) == [1, 2, 3, 4, 5]
    assert 0.1 <= time.monotonic() - started < 0.5


def test_a_wrong_token_is_named_and_not_shown() -> None:
    with shop_api([], now=NOW, token="another") as url, pytest.raises(ConnectorError) as raised:
        list(shop_orders.fetch(config(url), context()))
    assert "check the token in SHOP_TOKEN" in str(raised.value)
    assert CANARY not in str(raised.value)


def test_a_range_of_days_is_asked_for_again_and_moves_no_cursor() -> None:
    orders = [order(day, updated_at=f"2024-04-{day:02}T12:00:00+00:00") for day in range(1, 9)]
    days = Context(
        Path(), "2024-05-01T00:00:00+00:00", frozenset(), NOW, lambda line: None, (date(2024, 4, 3), date(2024, 4, 5))
    )
    with shop_api(orders, now=NOW, token=CANARY) as url:
        [delivery] = shop_orders.fetch(config(url, page_size=2), days)
    assert ids(delivery) == [3, 4, 5]
    assert (delivery.name, delivery.cursor, delivery.complete_until, delivery.is_overlap) == (
        "orders of 2024-04-03 to 2024-04-05", None, None, True,
    )  # fmt: skip
