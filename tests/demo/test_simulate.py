"""The demo's data keep their promises: the files are what truth.json says, and what is broken shows in them."""

import hashlib
import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.demo.simulate import simulate

Record = dict[str, Any]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SESSION_GAP = timedelta(minutes=30)


@dataclass(frozen=True)
class Demo:
    """A simulated shop, read back from its files by plain Python."""

    folder: Path
    truth: Record
    events: list[Record]  # distinct, in the order of time
    visits: list[list[Record]]  # runs of one device's events without a silence of more than 30 minutes
    orders: list[Record]
    support: Record
    people: list[Record]


def time_of(event: Record) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def web_lines(folder: Path) -> list[tuple[str, int, str]]:
    return [
        (f"web/{path.name}", number, line)
        for path in sorted((folder / "web").glob("*.jsonl"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
    ]


def visits_of(events: list[Record]) -> list[list[Record]]:
    by_device: defaultdict[str, list[list[Record]]] = defaultdict(list)
    for event in events:
        visits = by_device[event["device_id"]]
        if visits and time_of(event) - time_of(visits[-1][-1]) <= SESSION_GAP:
            visits[-1].append(event)
        else:
            visits.append([event])
    return [visit for visits in by_device.values() for visit in visits]


def read(folder: Path, truth: Record) -> Demo:
    broken = {(line["file"], line["line_no"]) for line in truth["expected_quarantine"]}
    good = [json.loads(text) for file, number, text in web_lines(folder) if (file, number) not in broken]
    events = sorted({event["event_id"]: event for event in good}.values(), key=lambda event: event["occurred_at"])
    orders = json.loads((folder / "orders.json").read_text())
    support = json.loads((folder / "tickets.json").read_text())
    people = pq.read_table(folder / "people.parquet").to_pylist()
    return Demo(folder, truth, events, visits_of(events), orders, support, people)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("shop")
    return read(folder, simulate(folder, 60_000))


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("small")
    return read(folder, simulate(folder, 1_000))


def fingerprints(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def z_score(successes: int, n: int, other_successes: int, other_n: int) -> float:
    """Two-proportion z with the pooled rate; beyond 4 survives any correction over a hundred comparisons."""
    pooled = (successes + other_successes) / (n + other_n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    return (successes / n - other_successes / other_n) / error


def z_of(hit: list[bool], others: list[bool]) -> float:
    return z_score(sum(hit), len(hit), sum(others), len(others))


def planted(demo: Demo, kind: str) -> Record:
    return next(defect for defect in demo.truth["defects"] if defect["kind"] == kind)


def is_during(defect: Record, day: str) -> bool:
    return bool(defect["first_day"] <= day[:10] <= defect["last_day"])


def as_planted(values: list[bool]) -> Record:
    return {"value": round(sum(values) / len(values), 4), "n": len(values)}


# The files


def test_the_same_size_and_seed_write_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        simulate(tmp_path / name, 3_000, seed)
    assert fingerprints(tmp_path / "one") == fingerprints(tmp_path / "two")
    assert fingerprints(tmp_path / "one") != fingerprints(tmp_path / "three")


def test_a_second_run_replaces_the_files_of_the_first(tmp_path: Path) -> None:
    web = tmp_path / "web"
    simulate(tmp_path, 1_000)
    before = fingerprints(tmp_path)
    (web / "2025-12-08.jsonl").write_text("of a larger demo\n")
    truth = simulate(tmp_path, 1_000)
    assert fingerprints(tmp_path) == before
    assert sorted(before) == sorted(truth["files"])


@pytest.mark.parametrize("name", ["shop", "small_shop"])
def test_the_truth_counts_what_is_in_the_files(name: str, request: pytest.FixtureRequest) -> None:
    demo: Demo = request.getfixturevalue(name)
    truth = demo.truth
    assert truth == json.loads((demo.folder / "truth.json").read_text())
    assert truth["n_events"] == len(demo.events) == {"shop": 60_000, "small_shop": 1_000}[name]
    n_lines = truth["n_events"] + truth["expected_duplicates"]["n"] + len(truth["expected_quarantine"])
    assert n_lines == len(web_lines(demo.folder))
    assert {event: n for event, n in truth["events"].items() if n} == Counter(event["event"] for event in demo.events)
    assert truth["orders"]["n_orders"] + truth["orders"]["n_test_orders"] == len(demo.orders)
    assert truth["tickets"]["n_tickets"] == len(demo.support["tickets"]) == len(demo.support["metric_sets"])
    assert truth["people"]["n_people"] == len({person["person_no"] for person in demo.people})
    assert truth["people"]["n_devices"] == len({event["device_id"] for event in demo.events})


def test_everything_happens_within_the_twelve_weeks(shop: Demo) -> None:
    started = NOW - timedelta(weeks=12)
    assert shop.truth["now"] == "2026-03-01T00:00:00.000Z"
    assert all(started <= time_of(event) < NOW for event in shop.events)
    facts = [order["updated_at"] for order in shop.orders] + [t["updated_at"] for t in shop.support["tickets"]]
    facts += [metric["solved_at"] for metric in shop.support["metric_sets"] if metric["solved_at"]]
    assert all(started <= datetime.fromisoformat(fact) < NOW for fact in facts)


def test_a_file_holds_the_events_of_its_week(shop: Demo) -> None:
    resent = set(shop.truth["expected_duplicates"]["event_ids"])
    files = sorted({file for file, _, _ in web_lines(shop.folder)})
    assert len(files) == 12
    for file, _, line in web_lines(shop.folder):
        if line.startswith('{"event_id":"evt_1') and json.loads(line)["event_id"] not in resent:
            first = datetime.fromisoformat(file[4:14]).replace(tzinfo=UTC)
            assert first <= time_of(json.loads(line)) < first + timedelta(days=7)


def test_four_lines_are_broken_where_the_truth_says(shop: Demo) -> None:
    lines = {(file, number): line for file, number, line in web_lines(shop.folder)}
    expected = shop.truth["expected_quarantine"]
    assert [flaw["reason"] for flaw in expected] == ["bad_json"] * 3 + ["bad_time"]
    for flaw in expected:
        line = lines[flaw["file"], flaw["line_no"]]
        with pytest.raises(ValueError, match=r"."):
            time_of(json.loads(line))


def test_events_sent_twice_come_again_unchanged_in_a_later_file(shop: Demo) -> None:
    places: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for file, _, line in web_lines(shop.folder):
        if line.startswith('{"event_id":"evt_1'):
            places[json.loads(line)["event_id"]].append((file, line))
    twice = {event_id: found for event_id, found in places.items() if len(found) > 1}
    assert sorted(twice) == sorted(shop.truth["expected_duplicates"]["event_ids"])
    assert 40 <= len(twice) <= 60
    for (first_file, first_line), (second_file, second_line) in twice.values():
        assert first_file < second_file
        assert first_line == second_line


def test_absent_keys_are_left_out_and_hostile_text_is_in(shop: Demo) -> None:
    assert all(value is not None for event in shop.events for value in event.values())
    assert any("<script>" in event.get("utm_campaign", "") for event in shop.events)
    assert any("<script>" in event.get("search_term", "") for event in shop.events)
    assert any("?token=secret-" in event["page"] for event in shop.events)


# The people


def test_an_anonymous_event_precedes_the_login_of_its_visit(shop: Demo) -> None:
    for visit in shop.visits:
        is_known = ["user_id" in event for event in visit]
        assert is_known == sorted(is_known)
        if any(is_known):
            assert visit[is_known.index(True)]["event"] in ("login_success", "purchase")
        assert all("user_id" in event for event in visit if event["event"] in ("login_success", "purchase"))


def test_the_truth_of_identity_explains_every_device_and_user(shop: Demo) -> None:
    owner = {row["device_id"]: row for row in shop.people}
    assert len(owner) == len(shop.people)
    for event in shop.events:
        assert event.get("user_id") in (None, owner[event["device_id"]]["user_id"])
    emails = {row["person_no"]: row["email"] for row in shop.people if row["email"]}
    assert len(set(emails.values())) == len(emails)


def test_people_come_in_five_personas_and_some_very_often(shop: Demo) -> None:
    owner = {row["device_id"]: row["person_no"] for row in shop.people}
    per_person = Counter(owner[event["device_id"]] for event in shop.events)
    assert 12 <= len(shop.events) / len(per_person) <= 15
    assert max(per_person.values()) > 80 > 5 * median(per_person.values())
    personas = Counter({row["person_no"]: row["persona"] for row in shop.people}.values())
    assert set(personas) == {
        "loyal customers", "returning browsers", "mobile newcomers", "desktop newcomers", "other",
    }  # fmt: skip
    assert min(personas.values()) > 100


def test_people_buy_again(shop: Demo) -> None:
    orders = Counter(order["customer"]["id"] for order in shop.orders)
    assert sum(n > 1 for n in orders.values()) / len(orders) > 0.1


# Orders and tickets


def test_every_purchase_on_the_web_is_an_order_of_the_shop(shop: Demo) -> None:
    real = {str(order["id"]): order for order in shop.orders if not order["test"]}
    purchases = [event for event in shop.events if event["event"] == "purchase"]
    assert sorted(real) == sorted(event["order_id"] for event in purchases)
    for event in purchases:
        order = real[event["order_id"]]
        assert event["user_id"] == str(order["customer"]["id"])
        assert f"{event['amount']:.2f}" == order["total_price"]
        assert event["currency"] == order["currency"]
        assert timedelta(0) < datetime.fromisoformat(order["created_at"]) - time_of(event) <= timedelta(seconds=2)


def test_orders_have_the_shape_of_the_shop(shop: Demo) -> None:
    assert sum(order["test"] for order in shop.orders) == 2
    for order in shop.orders:
        assert isinstance(order["id"], int)
        assert isinstance(order["total_price"], str)
        assert order["name"].startswith("#")
        assert order["email"] == order["customer"]["email"]
        assert order["phone"] == order["customer"]["phone"]
        facts = [order["created_at"], order["processed_at"], order["cancelled_at"] or ""]
        facts += [fact[name] for fact in order["fulfillments"] for name in ("created_at", "updated_at")]
        facts += [refund["created_at"] for refund in order["refunds"]]
        assert order["updated_at"] == max(facts)
        assert all(parcel["shipment_status"] in ("in_transit", "delivered") for parcel in order["fulfillments"])
        assert all(transaction["amount"] for refund in order["refunds"] for transaction in refund["transactions"])
    for part in ("cancelled_at", "fulfillments", "refunds"):
        assert 0 < sum(bool(order[part]) for order in shop.orders) < len(shop.orders)


def test_tickets_have_the_shape_of_the_help_desk(shop: Demo) -> None:
    users = {user["id"]: user for user in shop.support["users"]}
    metrics = {metric["ticket_id"]: metric for metric in shop.support["metric_sets"]}
    for ticket in shop.support["tickets"]:
        assert ticket["requester_id"] in users
        assert [field["id"] for field in ticket["custom_fields"]] == [360001, 360002]
        assert ticket["custom_fields"][0]["value"] in (None, "1", "2", "3", "4", "5")
        metric = metrics[ticket["id"]]
        assert (metric["solved_at"] is not None) == (ticket["status"] in ("solved", "closed"))
        assert (metric["reply_time_in_minutes"]["calendar"] is None) == (ticket["status"] == "new")
        assert metric["created_at"] == ticket["created_at"] <= ticket["updated_at"]
    assert (
        sum(ticket["custom_fields"][0]["value"] is not None for ticket in shop.support["tickets"])
        == (shop.truth["tickets"]["n_rated"])
    )


def test_requesters_are_customers_though_some_type_in_capitals(shop: Demo) -> None:
    emails = {user["email"] for user in shop.support["users"]}
    assert {email.lower() for email in emails} <= {row["email"] for row in shop.people}
    assert any(email.isupper() for email in emails)
    known = {row["user_id"] for row in shop.people}
    external_ids = [user["external_id"] for user in shop.support["users"]]
    assert None in external_ids
    assert set(external_ids) - {None} <= known


def test_tickets_about_an_order_come_within_two_weeks_of_it(shop: Demo) -> None:
    orders = {str(order["id"]): order for order in shop.orders}
    about = [(t, t["custom_fields"][1]["value"]) for t in shop.support["tickets"] if t["custom_fields"][1]["value"]]
    assert len(about) > 200
    for ticket, order_id in about:
        placed = datetime.fromisoformat(orders[order_id]["created_at"])
        waited = datetime.fromisoformat(ticket["created_at"]) - placed
        assert timedelta(0) < waited < timedelta(days=14.2)


# What is broken


def test_the_payment_outage_shows(shop: Demo) -> None:
    defect = planted(shop, "payment_outage")
    hit: list[bool] = []
    others: list[bool] = []
    for visit in shop.visits:
        payments = [event["occurred_at"] for event in visit if event["event"] == "add_payment_info"]
        if payments:
            side = hit if any(is_during(defect, payment) for payment in payments) else others
            side.append(any(event["event"] == "purchase" for event in visit))
    assert (as_planted(hit), as_planted(others)) == (defect["rates"][0]["with"], defect["rates"][0]["without"])
    assert sum(hit) / len(hit) < 0.25 < 0.9 < sum(others) / len(others)
    assert z_of(hit, others) < -10


def test_the_payment_outage_shows_in_the_last_four_weeks_against_the_four_before(shop: Demo) -> None:
    periods: defaultdict[int, list[bool]] = defaultdict(list)
    for visit in shop.visits:
        if any(event["event"] == "begin_checkout" for event in visit):
            days_before = (NOW - time_of(visit[0])).days
            is_mature = days_before >= 7
            periods[days_before // 28 if is_mature else -1].append(any(e["event"] == "purchase" for e in visit))
    assert z_of(periods[0], periods[1]) < -4


def login_answers(shop: Demo) -> list[Record]:
    return [event for event in shop.events if event["event"] in ("login_success", "login_error")]


def test_the_login_bug_shows_on_android_phones(shop: Demo) -> None:
    defect = planted(shop, "login_bug")
    hit: list[bool] = []
    others: list[bool] = []
    for event in login_answers(shop):
        is_hit = (event["device_type"], event["os"]) == ("mobile", "Android") and is_during(
            defect, event["occurred_at"]
        )
        (hit if is_hit else others).append(event["event"] == "login_success")
    assert (as_planted(hit), as_planted(others)) == (defect["rates"][0]["with"], defect["rates"][0]["without"])
    assert sum(hit) / len(hit) == pytest.approx(0.68, abs=0.1)
    assert sum(others) / len(others) == pytest.approx(0.95, abs=0.02)
    assert z_of(hit, others) < -6


def test_the_login_bug_shows_for_mobile_newcomers_against_the_others(shop: Demo) -> None:
    owner = {row["device_id"]: row["person_no"] for row in shop.people}
    first_seen: dict[int, datetime] = {}
    for event in shop.events:
        first_seen.setdefault(owner[event["device_id"]], time_of(event))
    newcomers: list[bool] = []
    others: list[bool] = []
    for event in login_answers(shop):
        if timedelta(days=7) <= NOW - time_of(event) < timedelta(days=28):
            is_new = time_of(event) - first_seen[owner[event["device_id"]]] < timedelta(days=7)
            is_newcomer = is_new and event["device_type"] == "mobile"
            (newcomers if is_newcomer else others).append(event["event"] == "login_success")
    assert z_of(newcomers, others) < -4


def test_the_checkout_loop_shows_on_tablets(shop: Demo) -> None:
    defect = planted(shop, "checkout_loop")
    bought: defaultdict[bool, list[bool]] = defaultdict(list)
    restarted: defaultdict[bool, list[bool]] = defaultdict(list)
    for visit in shop.visits:
        counts = Counter(event["event"] for event in visit)
        if counts["add_shipping_info"]:
            is_tablet = visit[0]["device_type"] == "tablet"
            bought[is_tablet].append(counts["purchase"] > 0)
            restarted[is_tablet].append(counts["begin_checkout"] > 1)
    for rates, found in zip(defect["rates"], (bought, restarted), strict=True):
        assert (as_planted(found[True]), as_planted(found[False])) == (rates["with"], rates["without"])
    assert z_of(bought[True], bought[False]) < -5
    assert z_of(restarted[True], restarted[False]) > 10


def test_slow_support_shows_in_response_times_and_ratings(shop: Demo) -> None:
    defect = planted(shop, "slow_support")
    metrics = {metric["ticket_id"]: metric for metric in shop.support["metric_sets"]}
    hours: defaultdict[bool, list[float]] = defaultdict(list)
    satisfied: defaultdict[bool, list[bool]] = defaultdict(list)
    for ticket in shop.support["tickets"]:
        is_hit = is_during(defect, ticket["created_at"])
        minutes, rating = (
            metrics[ticket["id"]]["reply_time_in_minutes"]["calendar"],
            ticket["custom_fields"][0]["value"],
        )
        if minutes is not None:
            hours[is_hit].append(minutes / 60)
        if rating:
            satisfied[is_hit].append(int(rating) >= 4)
    response, ratings = defect["rates"]
    assert median(hours[True]) == pytest.approx(response["with"]["value"], abs=0.05)
    assert median(hours[False]) == pytest.approx(response["without"]["value"], abs=0.05)
    assert 2.3 < median(hours[True]) / median(hours[False]) < 4
    usual = median(hours[False] + hours[True])
    assert z_of([hour > usual for hour in hours[True]], [hour > usual for hour in hours[False]]) > 6
    assert (as_planted(satisfied[True]), as_planted(satisfied[False])) == (ratings["with"], ratings["without"])
    assert z_of(satisfied[True], satisfied[False]) < -6


def test_nothing_is_broken_when_nothing_is_planted(tmp_path: Path) -> None:
    demo = read(tmp_path, simulate(tmp_path, 20_000, broken=frozenset()))
    assert demo.truth["defects"] == []
    counts = Counter(event["event"] for event in demo.events)
    assert counts["payment_error"] / counts["add_payment_info"] < 0.06
    assert counts["login_error"] / counts["login_attempt"] < 0.07
