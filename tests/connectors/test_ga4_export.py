"""Google Analytics 4 exports, in Parquet, JSON lines and one JSON array, as BigQuery writes them."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.connectors.lands import Shop

GA4 = {"connector": "ga4_export"}
MAY = 1_714_557_600_000_000
"""10:00 UTC on 1 May 2024, in microseconds."""

PARAM = pa.struct(
    [
        ("key", pa.string()),
        (
            "value",
            pa.struct([("string_value", pa.string()), ("int_value", pa.int64()), ("double_value", pa.float64())]),
        ),
    ]
)
SCHEMA = pa.schema(
    [
        ("event_date", pa.string()),
        ("event_timestamp", pa.int64()),
        ("event_name", pa.string()),
        ("event_params", pa.list_(PARAM)),
        ("event_bundle_sequence_id", pa.int64()),
        ("user_id", pa.string()),
        ("user_pseudo_id", pa.string()),
        ("device", pa.struct([("category", pa.string()), ("vendor_id", pa.string())])),
        ("geo", pa.struct([("country", pa.string())])),
        ("traffic_source", pa.struct([("source", pa.string()), ("medium", pa.string()), ("name", pa.string())])),
        ("ecommerce", pa.struct([("transaction_id", pa.string()), ("purchase_revenue_in_usd", pa.float64())])),
    ]
)


def hit(name: str = "page_view", at: int | None = MAY, **fields: Any) -> dict[str, Any]:
    return {
        "event_date": "20240501",
        "event_timestamp": at,
        "event_name": name,
        "event_bundle_sequence_id": 1,
        "user_id": None,
        "user_pseudo_id": "d1",
        "event_params": params(
            page_location="https://shop.example/basket?token=secret",
            page_referrer="https://news.example/a",
            ga_session_id=77,
        ),
        "device": {"category": "mobile", "vendor_id": None},
        "geo": {"country": "Italy"},
        "traffic_source": {"source": "news", "medium": "referral", "name": "spring"},
        "ecommerce": {"transaction_id": None, "purchase_revenue_in_usd": None},
    } | fields


def params(**values: str | int) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {
                "string_value": value if isinstance(value, str) else None,
                "int_value": value if isinstance(value, int) else None,
            },
        }
        for key, value in values.items()
    ]


def as_parquet(*hits: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(hits), schema=SCHEMA)


def as_bigquery_json(*hits: dict[str, Any]) -> str:
    """Whole numbers as texts, and no key for NULL."""
    return "".join(json.dumps(_without_nulls(each)) + "\n" for each in hits)


def _without_nulls(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
        case list():
            return [_without_nulls(inner) for inner in value]
        case int():
            return str(value)
        case _:
            return value


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, GA4)


class TestEvents:
    def test_a_hit_becomes_an_event(self, shop: Shop) -> None:
        assert shop.send("day.parquet", as_parquet(hit(user_id="u7"))) == {"accepted": 1}
        assert shop.events(
            "event_name, occurred_at, device_id, user_id, session_key, page_path, referrer_host, device_type, country"
        ) == [("page_view", datetime(2024, 5, 1, 10), "d1", "u7", "77", "/basket", "news.example", "mobile", "Italy")]
        assert shop.events(
            "campaign_source, campaign_medium, campaign_name, order_id, amount, currency, properties"
        ) == [("news", "referral", "spring", None, None, None, None)]

    def test_a_purchase_has_an_order_and_an_amount(self, shop: Shop) -> None:
        shop.send(
            "day.parquet",
            as_parquet(hit("purchase", ecommerce={"transaction_id": "T1", "purchase_revenue_in_usd": 12.5})),
        )
        assert shop.events("order_id, amount, currency") == [("T1", Decimal("12.5000"), "USD")]

    @pytest.mark.parametrize("transaction_id", ["(not set)", "", None])
    def test_an_order_that_is_not_set_is_none(self, shop: Shop, transaction_id: str | None) -> None:
        shop.send(
            "day.parquet",
            as_parquet(hit("purchase", ecommerce={"transaction_id": transaction_id, "purchase_revenue_in_usd": 3.0})),
        )
        assert shop.events("order_id, amount") == [(None, Decimal("3.0000"))]

    def test_of_a_search_the_words_are_kept(self, shop: Shop) -> None:
        shop.send("day.parquet", as_parquet(hit("view_search_results", event_params=params(search_term='red "hat"'))))
        assert shop.events("properties") == [('{"search_term":"red \\"hat\\""}',)]

    def test_events_of_one_instant_are_ordered_by_bundle_and_then_by_what_can_only_follow(self, shop: Shop) -> None:
        names = [
            "purchase",
            "add_payment_info",
            "scroll",
            "add_to_cart",
            "view_item",
            "select_item",
            "page_view",
            "begin_checkout",
            "first_visit",
            "add_shipping_info",
            "session_start",
        ]
        shop.send("day.parquet", as_parquet(hit("session_start", event_bundle_sequence_id=2), *map(hit, names)))
        ordered = [name for name, _ in sorted(shop.events("event_name, sequence"), key=lambda event: event[1])]
        assert ordered == [
            "session_start",
            "first_visit",
            "page_view",
            "view_item",
            "select_item",
            "add_to_cart",
            "begin_checkout",
            "add_shipping_info",
            "add_payment_info",
            "purchase",
            "scroll",
            "session_start",
        ]

    def test_true_repeats_are_kept_and_a_second_delivery_is_not(self, shop: Shop) -> None:
        assert shop.send("day.parquet", as_parquet(hit(), hit(), hit("scroll"))) == {"accepted": 3}
        assert shop.send("again.parquet", as_parquet(hit("scroll"), hit(), hit())) == {"duplicate landed_before": 3}

    def test_one_hit_told_in_two_ways_is_a_conflict(self, shop: Shop) -> None:
        shop.send("day.parquet", as_parquet(hit("purchase")))
        other = hit("purchase", ecommerce={"transaction_id": "T1", "purchase_revenue_in_usd": 9.0})
        assert shop.send("again.parquet", as_parquet(other)) == {"duplicate conflict": 1}

    @pytest.mark.parametrize("form", ["parquet", "json"])
    def test_a_day_exported_again_in_another_order_brings_what_is_new_and_nothing_twice(
        self, shop: Shop, form: str
    ) -> None:
        """Three products seen in one instant, in one bundle; the first export has two of them, the second begins with the third."""
        batch = {"batch_page_id": MAY, "batch_ordering_id": 1}

        def seen(page: str, place: int) -> dict[str, Any]:
            return hit("view_item", event_params=params(page_location=page)) | batch | {"batch_event_index": place}

        def send(name: str, *hits: dict[str, Any]) -> dict[str, int]:
            if form == "json":
                return shop.send(f"{name}.json", as_bigquery_json(*hits))
            schema = SCHEMA
            for column in (*batch, "batch_event_index"):
                schema = schema.append(pa.field(column, pa.int64()))
            return shop.send(f"{name}.parquet", pa.Table.from_pylist([*hits], schema))

        a, b, c = seen("/a", 1), seen("/b", 2), seen("/c", 3)
        assert send("one", a, b) == {"accepted": 2}
        assert send("two", c, a, b) == {"accepted": 1, "duplicate landed_before": 2}
        assert sorted(shop.events("page_path")) == [("/a",), ("/b",), ("/c",)]


class TestFormats:
    def test_json_lines_with_whole_numbers_as_texts_are_the_same_events(self, tmp_path: Path) -> None:
        hits = [
            hit(),
            hit("purchase", MAY + 1, ecommerce={"transaction_id": "T1", "purchase_revenue_in_usd": 12.5}),
            hit("scroll", MAY + 2, user_id="u7"),
        ]
        shops = [Shop(tmp_path / name, GA4) for name in ("parquet", "lines", "array", "gzip")]
        array = json.dumps([json.loads(line) for line in as_bigquery_json(*hits).splitlines()])
        for shop, name, content in zip(
            shops,
            ("a.parquet", "a.json", "a.json", "a.json.gz"),
            (as_parquet(*hits), as_bigquery_json(*hits), array, as_bigquery_json(*hits)),
            strict=True,
        ):
            assert shop.send(name, content) == {"accepted": 3}
        columns = (
            "event_id, occurred_at, sequence, device_id, user_id, session_key, page_path, order_id, amount, record_hash"
        )
        assert all(shop.events(columns) == shops[0].events(columns) for shop in shops)

    def test_json_lacking_what_an_event_may_lack_lands(self, shop: Shop) -> None:
        assert shop.send(
            "day.json", json.dumps({"event_timestamp": str(MAY), "event_name": "scroll", "user_pseudo_id": "d1"})
        ) == {"accepted": 1}

    def test_bad_json_costs_its_line(self, shop: Shop) -> None:
        assert shop.send(
            "day.json", as_bigquery_json(hit()) + '{"event_timestamp"\n' + as_bigquery_json(hit("scroll"))
        ) == {
            "accepted": 2,
            "quarantined bad_json": 1,
        }


def test_a_hit_without_device_or_user_lands_and_names_nobody(shop: Shop) -> None:
    """Without consent the tracker sends neither; the event counts all the same."""
    assert shop.send("day.parquet", as_parquet(hit(), hit(event_name="scroll", user_pseudo_id=None))) == {"accepted": 2}


class TestBadInput:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"event_timestamp": None}, "bad_time"),
            ({"event_timestamp": 9_223_372_036_854_775_807}, "bad_time"),
            ({"event_timestamp": 0}, "time_before_2000"),
            ({"event_timestamp": MAY * 1000}, "time_unit"),
            ({"event_name": None}, "no_event_name"),
            ({"ecommerce": {"transaction_id": "T", "purchase_revenue_in_usd": float("inf")}}, "bad_amount"),
            ({"ecommerce": {"transaction_id": "T", "purchase_revenue_in_usd": float("nan")}}, "bad_amount"),
            ({"ecommerce": {"transaction_id": "T", "purchase_revenue_in_usd": 1e18}}, "bad_amount"),
        ],
    )
    def test_a_bad_hit_costs_itself(self, shop: Shop, fields: dict[str, Any], reason: str) -> None:
        assert shop.send("day.parquet", as_parquet(hit(), hit(**{"event_name": "scroll", **fields}))) == {
            "accepted": 1,
            f"quarantined {reason}": 1,
        }

    def test_a_quarantined_hit_is_kept_whole(self, shop: Shop) -> None:
        shop.send("day.parquet", as_parquet(hit(at=None, device={"category": "tv", "vendor_id": "v9"})))
        [(line_no, reason, raw)] = shop.quarantine()
        assert (line_no, reason) == (1, "bad_time")
        assert json.loads(raw)["device"] == {"category": "tv", "vendor_id": "v9"}

    @pytest.mark.parametrize("column", ["event_timestamp", "event_params", "ecommerce"])
    def test_a_missing_column_is_named(self, shop: Shop, column: str) -> None:
        said = shop.refusal("day.parquet", as_parquet(hit()).drop_columns([column]))
        assert (
            said
            == f"sources.web: day.parquet: this is no GA4 export: it has no column {column}; see that `path` names the exported files."
        )

    @pytest.mark.parametrize(
        ("column", "values", "lacking"),
        [
            ("device", [{"kind": "mobile"}], "field device.category"),
            ("geo", ["Italy"], "field geo.country"),
            ("event_params", [[{"key": "page_location"}]], "field event_params.value"),
            ("event_params", [[{"key": "x", "value": {"string_value": "y"}}]], "field event_params.value.int_value"),
        ],
    )
    def test_a_missing_nested_field_is_named(self, shop: Shop, column: str, values: list[Any], lacking: str) -> None:
        table = as_parquet(hit())
        said = shop.refusal(
            "day.parquet", table.set_column(table.schema.get_field_index(column), column, pa.array(values))
        )
        assert (
            said
            == f"sources.web: day.parquet: this is no GA4 export: it has no {lacking}; see that `path` names the exported files."
        )

    def test_a_time_column_of_texts_costs_the_rows_it_spoils(self, shop: Shop) -> None:
        table = as_parquet(hit(), hit("scroll"))
        texts = table.set_column(1, "event_timestamp", pa.array([str(MAY), "soon"]))
        assert shop.send("day.parquet", texts) == {"accepted": 1, "quarantined bad_time": 1}

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"event_timestamp": "soon"}, "bad_time"),
            ({"event_timestamp": {"at": 1}}, "bad_time"),
            ({"event_timestamp": True}, "bad_time"),
            ({"event_bundle_sequence_id": "first"}, "bad_sequence"),
            ({"event_bundle_sequence_id": [1]}, "bad_sequence"),
            ({"ecommerce": {"purchase_revenue_in_usd": "12,50"}}, "bad_amount"),
            ({"ecommerce": {"purchase_revenue_in_usd": {"usd": 1}}}, "bad_amount"),
            ({"ecommerce": "none"}, "wrong_shape"),
            ({"device": "mobile"}, "wrong_shape"),
            ({"geo": ["Italy"]}, "wrong_shape"),
            ({"traffic_source": 7}, "wrong_shape"),
            ({"event_params": {"ga_session_id": 1}}, "wrong_shape"),
            ({"event_params": [{"key": "ga_session_id", "value": {"int_value": "x7"}}]}, "bad_session_key"),
        ],
    )
    def test_a_value_of_another_type_in_json_is_no_silent_null(
        self, shop: Shop, fields: dict[str, Any], reason: str
    ) -> None:
        bad = json.dumps({**_without_nulls(hit("scroll")), **fields}) + "\n"
        assert shop.send("day.json", as_bigquery_json(hit()) + bad) == {"accepted": 1, f"quarantined {reason}": 1}
        assert shop.quarantine() == [(2, reason, bad.strip())]

    def test_a_replay_takes_no_other_shape_for_nothing(self, shop: Shop) -> None:
        """What is not in the shape that is declared would be missing in silence."""
        bad = json.dumps({**_without_nulls(hit("scroll")), "ecommerce": "none"}) + "\n"
        shop.send("day.json", bad)
        assert shop.replay() == {}
        assert shop.quarantine() == [(1, "wrong_shape", bad.strip())]

    def test_an_address_that_somebody_searches_for_is_masked(self, shop: Shop) -> None:
        term = {"key": "search_term", "value": {"string_value": "mail of ann@example.org"}}
        found = {**_without_nulls(hit("view_search_results")), "event_params": [term]}
        shop.send("day.json", json.dumps(found) + "\n")
        assert shop.events("properties") == [('{"search_term":"mail of (email)"}',)]

    @pytest.mark.parametrize(
        "without", ["event_params", "device", "geo", "traffic_source", "ecommerce", "event_bundle_sequence_id"]
    )
    def test_what_json_leaves_out_or_says_is_null_is_none(self, shop: Shop, without: str) -> None:
        whole = _without_nulls(hit())
        left_out = {key: value for key, value in whole.items() if key != without}
        null = {**whole, without: None, "event_name": "scroll"}
        assert shop.send("day.json", f"{json.dumps(left_out)}\n{json.dumps(null)}\n") == {"accepted": 2}

    def test_a_csv_is_no_export(self, shop: Shop) -> None:
        assert "day.csv: this is no GA4 export" in shop.refusal("day.csv", "event_timestamp,event_name\n1,x\n")
