"""Funnels on real logs give the figures that others published or computed."""

from datetime import datetime

import duckdb
import pytest

from journey_mining import from_duckdb

pytestmark = pytest.mark.data
SHOP = ["view_item", "add_to_cart", "begin_checkout", "add_payment_info", "purchase"]


@pytest.fixture(scope="module")
def shop(real_data):
    """Google's merchandise store: a person is a browser."""
    events = duckdb.connect().read_parquet(str(real_data / "ga4" / "ga4_events_20201219_20210119.parquet"))
    time = duckdb.SQLExpression("make_timestamp(event_timestamp) AS occurred_at")
    events = events.select("user_pseudo_id", "event_name", time)
    return from_duckdb(events, person="user_pseudo_id", event="event_name", time="occurred_at")


@pytest.mark.parametrize(
    ("window", "n_people"), [("7d", [16_471, 3_719, 1_209, 878, 669]), ("1h", [16_471, 3_716, 1_178, 850, 639])]
)
def test_a_shop_s_funnel_is_that_of_clickhouse(window, n_people, shop):
    """windowFunnel(604800000000 and 3600000000)(event_timestamp, ...) of ClickHouse, by user_pseudo_id."""
    assert shop.funnel(SHOP, window, as_of=datetime.max).table["n_entries"].tolist() == n_people
    assert shop.funnel(SHOP, window, semantics="clickhouse").table["n_entries"].tolist() == n_people


def test_who_entered_in_the_last_week_is_set_aside(shop):
    """Nobody gets lost: those who count and those who are open are those who entered."""
    first = shop.funnel(SHOP, "7d").table.iloc[0]
    assert 0 < first["n_open"] < first["n_entries"]
    assert first["n_entries"] + first["n_open"] == 16_471


def test_a_teaching_shop_s_published_funnel_of_sessions(real_data):
    """578 sessions view a page, 467 fill a cart, 361 check out."""
    events = duckdb.connect().read_csv(str(real_data / "greenery" / "events.csv.gz"))
    log = from_duckdb(events, person="user_id", event="event_type", time="created_at", session="session_id")
    table = log.sessions().funnel(["page_view", "add_to_cart", "checkout"]).table
    assert table["n_entries"].tolist() == [578, 467, 361]
