"""Tickets, from the export's pages to event rows, against a local server of the vendor's shape."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors import zendesk
from connectors.api_settings import Patience
from connectors.delivery import Context, Delivery
from connectors.engine import connect
from connectors.errors import ConnectorError, SourceChanged, SourceUnavailable
from connectors.http import Answer
from connectors.zendesk import Config
from pipelines.demo.apis import Fault, zendesk_api

NOW = datetime(2024, 5, 2, 3, tzinfo=UTC)
CANARY = "canary-51d0be"
FAST = Patience(attempts=3, timeout_seconds=5, first_wait_seconds=0.01, longest_wait_seconds=1)
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", CANARY)


def config(url: str = "https://acme.example", **keys: Any) -> Config:
    return Config.model_validate({"url": url, "token": {"env": "DESK_TOKEN"}, "patience": FAST} | keys)


def context(cursor: str | None = None) -> Context:
    return Context(Path(), cursor, frozenset(), NOW, lambda line: None)


def ticket(ticket_id: int, **fields: Any) -> Row:
    return {
        "id": ticket_id, "via": {"channel": "email"}, "created_at": "2024-05-01T09:00:00Z",
        "updated_at": "2024-05-01T12:00:00Z", "subject": "private words", "description": "private words",
        "priority": "high", "status": "solved", "requester_id": 7, "organization_id": 70, "tags": ["vip"],
        "custom_fields": [{"id": 900, "value": "private words"}], "satisfaction_rating": {"score": "offered"},
    } | fields  # fmt: skip


ANN = {"id": 7, "name": "Ann Private", "email": "ann@shop.example", "phone": "+49 30 123", "external_id": "c-7"}
METRICS = {
    "ticket_id": 42, "reply_time_in_minutes": {"calendar": 90, "business": 30}, "solved_at": "2024-05-01T12:00:00Z",
    "initially_assigned_at": "2024-05-01T09:05:00Z", "reopens": 1,
}  # fmt: skip


def walk(
    tickets: Sequence[Row],
    *,
    cursor: str | None = None,
    faults: Sequence[Fault | None] = (),
    now: datetime = NOW,
    users: Sequence[Row] = (ANN,),
    metric_sets: Sequence[Row] = (),
    requests: list[str] | None = None,
    **keys: Any,
) -> list[Delivery]:
    with zendesk_api(
        tickets, users, metric_sets, now=now, token=CANARY, email=keys.get("email"), faults=faults, requests=requests
    ) as url:
        return list(zendesk.fetch(config(url, **keys), context(cursor)))


def records(delivery: Delivery) -> list[tuple[int, str, str | None]]:
    con = connect()
    try:
        return delivery.load(con).select("line_no, raw, fault").order("line_no").fetchall()
    finally:
        con.close()


def ids(delivery: Delivery) -> list[int]:
    return [json.loads(raw)["id"] for _, raw, _ in records(delivery)]


def events(delivery: Delivery, columns: str, **keys: Any) -> list[Any]:
    con = connect()
    try:
        delivery.load(con).create_view("records")
        return zendesk.events(con, config(**keys)).select(columns).fetchall()
    finally:
        con.close()


def event_rows(one: Row, columns: str = "event_name, rating, rating_max", **keys: Any) -> list[Any]:
    (delivery,) = walk([one], **keys)
    return events(delivery, columns, **{name: value for name, value in keys.items() if name != "metric_sets"})


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 5, 1, hour, minute)


def test_a_ticket_becomes_its_four_events() -> None:
    rated = ticket(42, satisfaction_rating={"score": "good", "updated_at": "2024-05-01T14:00:00+02:00"})
    (delivery,) = walk([rated], metric_sets=[METRICS])
    columns = "line_no, fault, filter_reason, identity, event_name, channel, is_passive, occurred_at, sequence, rating"
    assert events(delivery, columns) == [
        (1, None, None, "ticket 42 ticket_opened", "ticket_opened", "email", False, at(9), 1, None),
        (1, None, None, "ticket 42 first_response", "first_response", "email", True, at(10, 30), 2, None),
        (1, None, None, "ticket 42 resolved", "resolved", "email", True, at(12), 3, None),
        (1, None, None, "ticket 42 rated", "rated", "email", False, at(12), 4, 1.0),
    ]
    columns = "user_id, email, phone, account_id, ticket_id, order_id, record_id, updated_at, rating_max"
    about = events(delivery, columns)
    assert about[0] == ("7", "ann@shop.example", "+49 30 123", "70", "42", None, "42", at(12), None)
    assert about[3] == ("7", "ann@shop.example", "+49 30 123", "70", "42", None, "42", at(12), 1.0)
    assert set(events(delivery, "properties")) == {('{"priority":"high","reopens":1,"tags":["vip"]}',)}
    assert len(set(events(delivery, "record_hash"))) == 1


def test_metrics_may_also_come_inside_the_ticket() -> None:
    assert event_rows(ticket(42, metric_set=METRICS), "event_name") == [
        ("ticket_opened",), ("first_response",), ("resolved",),
    ]  # fmt: skip


def test_an_unanswered_ticket_has_only_been_opened() -> None:
    silent = METRICS | {"reply_time_in_minutes": {"calendar": None}, "solved_at": None}
    assert event_rows(ticket(42), "event_name", metric_sets=[silent]) == [("ticket_opened",)]


@pytest.mark.parametrize(("via", "channel"), [
    ("web", "web"), ("chat", "chat"), ("native_messaging", "chat"), ("voice", "phone"), ("api", "api"), (None, None),
])  # fmt: skip
def test_the_channel_is_how_the_ticket_came(via: str | None, channel: str | None) -> None:
    assert event_rows(ticket(1, via={"channel": via}), "channel") == [(channel,)]


@pytest.mark.parametrize(("score", "rating"), [("bad", 0.0), ("good", 1.0)])
def test_a_satisfaction_rating_without_a_time_is_dated_by_the_ticket(score: str, rating: float) -> None:
    found = event_rows(ticket(1, satisfaction_rating={"score": score}), "event_name, rating, rating_max, occurred_at")
    assert found[1:] == [("rated", rating, 1.0, at(12))]


@pytest.mark.parametrize(("value", "rating"), [("4", 4.0), (5, 5.0), ("csat_2", 2.0), ("3.0", 3.0)])
def test_a_rating_field_counts_in_five_points(value: Any, rating: float) -> None:
    scored = ticket(1, custom_fields=[{"id": 11, "value": value}], satisfaction_rating={"score": "bad"})
    assert event_rows(scored, rating_field=11)[1:] == [("rated", rating, 5.0)]


@pytest.mark.parametrize("value", ["6", "10", "very good", "-1"])
def test_a_rating_off_the_scale_faults_the_ticket_once(value: str) -> None:
    scored = ticket(1, custom_fields=[{"id": 11, "value": value}])
    assert event_rows(scored, "fault, event_name", rating_field=11) == [("bad_rating", "ticket_opened")]


def test_a_rating_field_is_dated_by_the_solution_whatever_changes_later() -> None:
    later = ticket(42, custom_fields=[{"id": 11, "value": 4}], updated_at="2024-05-02T01:00:00Z")
    told = event_rows(later, "event_name, occurred_at", metric_sets=[METRICS], rating_field=11)
    assert told[-1] == ("rated", at(12))


def test_an_empty_rating_field_is_no_rating() -> None:
    assert event_rows(ticket(1, custom_fields=[{"id": 11, "value": None}]), "event_name", rating_field=11) == [
        ("ticket_opened",)
    ]


def test_a_custom_field_may_name_the_order() -> None:
    about = ticket(1, custom_fields=[{"id": 12, "value": " 1001 "}])
    assert event_rows(about, "order_id", order_field=12) == [("1001",)]


def test_the_user_may_be_the_external_id() -> None:
    assert event_rows(ticket(1), "user_id", user_id="external") == [("c-7",)]


def test_a_ticket_of_an_unknown_requester_has_no_address() -> None:
    assert event_rows(ticket(1, requester_id=8), "user_id, email, phone") == [("8", None, None)]


@pytest.mark.parametrize(("fields", "fault"), [
    ({"created_at": "yesterday"}, "bad_time"),
    ({"created_at": None}, "bad_time"),
    ({"created_at": "infinity"}, "bad_time"),
    ({"updated_at": "never"}, "bad_time"),
    ({"metric_set": {"solved_at": "soon"}}, "bad_time"),
    ({"metric_set": {"reply_time_in_minutes": {"calendar": 9e18}}}, "bad_time"),
    ({"metric_set": {"reply_time_in_minutes": {"calendar": -5}}}, "bad_time"),
    ({"satisfaction_rating": {"score": "good", "updated_at": "x"}}, "bad_time"),
    ({"id": None}, "no_id"),
])  # fmt: skip
def test_a_ticket_that_cannot_be_read_says_why_once(fields: Row, fault: str) -> None:
    assert event_rows(ticket(1) | fields, "line_no, fault, filter_reason") == [(1, fault, None)]


def test_something_that_is_no_ticket_keeps_its_place() -> None:
    (delivery,) = walk([ticket(1), ticket(2)])
    con = connect()
    con.sql(
        "SELECT * FROM (VALUES (1, '[1]', 'bad_json'), (2, '{\"id\"', NULL), (3, '{}', NULL)) t(line_no, raw, fault)"
    ).create_view("records")
    assert zendesk.events(con, config()).select("line_no, fault").fetchall() == [
        (1, "bad_json"), (2, "bad_json"), (3, "no_id"),
    ]  # fmt: skip
    con.close()
    assert ids(delivery) == [1, 2]


def test_a_deleted_ticket_is_filtered() -> None:
    assert event_rows(ticket(1, status="deleted"), "filter_reason, fault") == [("deleted_ticket", None)]


@pytest.mark.parametrize("fields", [{"via": "web"}, {"satisfaction_rating": []}, {"metric_set": "none"}])
def test_fields_of_the_wrong_kind_are_no_silent_null(fields: Row) -> None:
    assert event_rows(ticket(1, **fields), "event_name, fault") == [("ticket_opened", "wrong_shape")]


def test_odd_values_of_texts_do_no_harm() -> None:
    odd = ticket(1, tags="vip", custom_fields={"id": 11}, requester_id=[7], priority={"a": "\ud800 \u0000"})
    assert event_rows(odd, "event_name, fault", rating_field=11) == [("ticket_opened", None)]


def test_free_text_and_names_are_not_kept() -> None:
    (delivery,) = walk([ticket(1), ticket(2, satisfaction_rating={"score": "good", "comment": "private words"})])
    kept = " ".join(raw for _, raw, _ in records(delivery))
    assert "private words" not in kept
    assert "Ann Private" not in kept


def test_the_export_is_complete_until_a_minute_before_the_server_answered() -> None:
    late = ticket(2, updated_at="2024-05-02T02:59:30Z")
    (delivery,) = walk([ticket(1), late])
    assert ids(delivery) == [1]
    assert delivery.complete_until == NOW - timedelta(minutes=1)
    assert delivery.name == "tickets since 2000-01-01"
    assert not delivery.is_overlap


def test_a_walk_goes_on_where_the_last_one_ended() -> None:
    (first,) = walk([ticket(1), ticket(2)])
    changed = [ticket(1), ticket(2, updated_at="2024-05-02T01:00:00Z"), ticket(3, updated_at="2024-05-02T02:00:00Z")]
    requests: list[str] = []
    (second,) = walk(changed, cursor=first.cursor, requests=requests)
    assert ids(second) == [2, 3]
    assert second.name == f"tickets since {first.cursor}"
    assert "start_time" not in requests[0]


def test_a_ticket_that_appears_late_with_an_old_time_is_not_lost() -> None:
    """The export goes by when it learnt of a change, not by updated_at."""
    (first,) = walk([ticket(1, generated_timestamp=NOW.timestamp() - 500)])
    late = ticket(2, updated_at="2024-03-01T00:00:00Z", generated_timestamp=NOW.timestamp() - 400)
    (second,) = walk([ticket(1, generated_timestamp=NOW.timestamp() - 500), late], cursor=first.cursor)
    assert ids(second) == [2]


def test_nothing_new_still_brings_a_later_promise() -> None:
    (first,) = walk([ticket(1)])
    (second,) = walk([ticket(1)], cursor=first.cursor, now=NOW + timedelta(days=1))
    assert records(second) == []
    assert second.is_overlap
    assert (second.cursor, second.complete_until) == (first.cursor, NOW + timedelta(days=1, minutes=-1))
    assert events(second, "event_name") == []


def test_a_walk_may_begin_at_a_day() -> None:
    requests: list[str] = []
    (delivery,) = walk([ticket(1)], start="2024-05-02", requests=requests)
    assert ids(delivery) == []
    assert "start_time=1714608000" in requests[0]


def test_an_end_without_a_cursor_keeps_the_one_we_have() -> None:
    answer = Answer({"tickets": [], "after_cursor": None, "end_of_stream": True}, b"{}", NOW, None)
    (page,) = zendesk._pages(lambda target, params: answer, config(), "MTIz")
    assert page.cursor == "MTIz"


@pytest.mark.parametrize("body", [{"tickets": []}, {"tickets": [], "end_of_stream": "yes"}, {"end_of_stream": True}])
def test_an_answer_of_another_shape_is_not_understood_by_guessing(body: Row) -> None:
    with pytest.raises(SourceChanged, match="check"):
        list(zendesk._pages(lambda target, params: Answer(body, b"{}", NOW, None), config(), None))


def test_more_than_a_page_of_equal_times_arrives_whole() -> None:
    same = [ticket(number) for number in range(1, 1202)]
    requests: list[str] = []
    (delivery,) = walk(same, page_size=100, requests=requests)
    assert ids(delivery) == list(range(1, 1202))
    assert len(requests) == 13


def test_a_long_walk_comes_in_parts_and_only_the_last_promises() -> None:
    tickets = [ticket(number) for number in range(1, 103)]
    first, second, third = walk(tickets, page_size=1)
    assert [len(ids(part)) for part in (first, second, third)] == [50, 50, 2]
    assert [part.complete_until for part in (first, second)] == [None, None]
    assert third.complete_until == NOW - timedelta(minutes=1)
    assert second.name == "tickets since 2000-01-01, part 2"
    rest = [number for part in walk(tickets, cursor=first.cursor, page_size=1) for number in ids(part)]
    assert rest == list(range(51, 103))


def test_a_page_sent_again_is_harmless() -> None:
    tickets = [ticket(number) for number in (1, 2, 3, 4)]
    (delivery,) = walk(tickets, page_size=2, faults=[None, "page again"])
    assert ids(delivery) == [1, 2, 1, 2, 3, 4]
    assert len(set(events(delivery, "identity, record_hash"))) == 4


def test_a_cursor_that_does_not_advance_is_an_error() -> None:
    requests: list[str] = []
    with pytest.raises(SourceChanged, match="the same cursor twice; its walk would never end"):
        walk([ticket(1), ticket(2), ticket(3)], page_size=1, faults=[None, "stuck", "stuck"], requests=requests)
    assert len(requests) == 2


def test_an_expired_cursor_says_what_to_do() -> None:
    (first,) = walk([ticket(1)])
    with pytest.raises(SourceChanged, match=r"\(status 422\)\. The place we stopped at may have expired: land this"):
        walk([ticket(1)], cursor=first.cursor, faults=["expired"])


def test_the_link_to_another_host_is_not_followed() -> None:
    (delivery,) = walk([ticket(1), ticket(2)], page_size=1, faults=["other host"])
    assert ids(delivery) == [1, 2]


def test_an_answer_without_tickets_is_of_another_service() -> None:
    with pytest.raises(SourceChanged, match="does not exist there"), zendesk_api([], now=NOW, token=CANARY) as url:
        list(zendesk.fetch(config(url + "/wrong"), context()))
    with pytest.raises(SourceUnavailable, match="text/html"):
        walk([ticket(1)], faults=["HTML"] * 9)


@pytest.mark.parametrize("email", [None, "agent@shop.example"])
def test_both_kinds_of_token_open_the_door(email: str | None) -> None:
    (delivery,) = walk([ticket(1)], email=email)
    assert ids(delivery) == [1]


def test_a_wrong_token_is_named_and_not_shown() -> None:
    with zendesk_api([], now=NOW, token="another") as url, pytest.raises(ConnectorError) as raised:
        list(zendesk.fetch(config(url), context()))
    assert "check the token in DESK_TOKEN" in str(raised.value)
    assert CANARY not in str(raised.value)


def test_a_token_written_into_the_definition_is_refused_unseen() -> None:
    with pytest.raises(ValidationError) as raised:
        Config.model_validate({"url": "https://acme.example", "token": CANARY})
    assert CANARY not in str(raised.value)


def test_two_walks_over_the_same_answers_are_equal() -> None:
    """Byte for byte the walks differ in the server's port, record for record they do not."""
    (first,), (second,) = walk([ticket(1), ticket(2)]), walk([ticket(1), ticket(2)])
    assert records(first) == records(second)


def test_a_delivery_is_named_by_the_bytes_received() -> None:
    with zendesk_api([ticket(1), ticket(2)], now=NOW, token=CANARY) as url:
        one, again = (next(zendesk.fetch(config(url), context())) for _ in range(2))
        (other,) = zendesk.fetch(config(url, page_size=1), context())
    assert (one.sha256, one.n_bytes) == (again.sha256, again.n_bytes)
    assert one.sha256 != other.sha256


def test_a_range_of_days_is_asked_for_again_and_moves_no_cursor() -> None:
    tickets = [ticket(day, updated_at=f"2024-04-{day:02}T12:00:00Z") for day in range(1, 9)]
    days = Context(Path(), "later", frozenset(), NOW, lambda line: None, (date(2024, 4, 3), date(2024, 4, 5)))
    with zendesk_api(tickets, (ANN,), (), now=NOW, token=CANARY) as url:
        [delivery] = zendesk.fetch(config(url, page_size=2), days)
    assert ids(delivery)[:3] == [3, 4, 5]
    assert len(ids(delivery)) == 4  # the page on which the next day begins is the last
    assert (delivery.name, delivery.cursor, delivery.complete_until, delivery.is_overlap) == (
        "tickets of 2024-04-03 to 2024-04-05", None, None, True,
    )  # fmt: skip
