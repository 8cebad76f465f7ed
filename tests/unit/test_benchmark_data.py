"""The invented shop of the benchmarks: as large and as skewed as it says, and a day is the same whenever it is made."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.data import Shop, deliver, invent
from connectors import manifest

SHOP = Shop(n_events=60_000, n_days=6)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    invent(folder, SHOP)
    return folder


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        return con.execute(query.format(events=f"read_parquet('{folder}/landing/*/*.parquet')")).fetchall()


def test_it_has_the_size_and_the_hottest_person_that_were_asked_for(shop: Path) -> None:
    n_events, n_sources = rows(shop, "SELECT count(*), count(DISTINCT source) FROM {events}")[0]
    assert n_events == pytest.approx(60_000, rel=0.1)
    assert n_sources == 3
    hottest = rows(
        shop, "SELECT count(*) AS n FROM {events} WHERE device_id IS NOT NULL GROUP BY device_id ORDER BY n DESC"
    )
    assert hottest[0][0] == pytest.approx(600, rel=0.2)


def test_a_day_made_later_is_the_day_made_at_once(tmp_path: Path, shop: Path) -> None:
    invent(tmp_path, Shop(SHOP.n_events // 6 * 5, 5))
    deliver(tmp_path)
    files = [entry.events.sha256 for entry in manifest.read(tmp_path / "landing") if entry.events]
    assert files == [entry.events.sha256 for entry in manifest.read(shop / "landing") if entry.events]


def test_one_who_never_rests_never_pauses_for_half_an_hour(shop: Path) -> None:
    longest = rows(
        shop,
        "SELECT max(silence) FROM (SELECT occurred_at - lag(occurred_at) OVER (ORDER BY occurred_at) AS silence "
        "FROM {events} WHERE user_id = '6099999999')",
    )
    assert longest[0][0].total_seconds() < 1800


def test_orders_and_tickets_come_again_after_they_changed(shop: Path) -> None:
    again = rows(
        shop,
        "SELECT source, max(n) FROM (SELECT source, record_id, count(DISTINCT load_seq) AS n FROM {events} "
        "WHERE record_id IS NOT NULL GROUP BY source, record_id) GROUP BY source ORDER BY source",
    )
    assert again == [("orders", 2), ("support", 2)]
