"""Broken clocks: what is quarantined and why, what is kept; and that the machine's own zone changes nothing."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from connectors import manifest
from tests.connectors.lands import CLICKS, Shop

HEAD = "what,seen,who\n"
RECEIVED = {**CLICKS, "fields": {**CLICKS["fields"], "received_at": "received"}}
"""Clicks with the instant at which the collector received them."""


def timed(format: str, zone: str = "UTC") -> dict[str, object]:
    return {**CLICKS, "fields": {"occurred_at": {"column": "seen", "format": format, "zone": zone}}}


class TestInstants:
    """Landed on 1 June 2024 at noon UTC."""

    @pytest.mark.parametrize(
        ("at", "fate"),
        [
            ("2024-06-02 11:00:00", "accepted"),
            ("2024-06-02 12:00:00", "accepted"),
            ("2024-06-02 12:00:01", "quarantined time_in_future"),
            ("2024-06-02 13:00:00", "quarantined time_in_future"),
            ("9999-12-31", "quarantined time_in_future"),
            ("99999-01-01", "quarantined bad_time"),
            ("infinity", "quarantined bad_time"),
            ("-infinity", "quarantined bad_time"),
            ("2000-01-01", "accepted"),
            ("1999-12-31 23:59:59", "quarantined time_before_2000"),
            ("1970-01-01", "quarantined time_before_2000"),
            ("0001-01-01", "quarantined time_before_2000"),
            ("1970-01-20 20:15:57", "quarantined time_unit"),
            ("2024-05-01T10:00:60", "quarantined bad_time"),
        ],
    )
    def test_written_as_text(self, tmp_path: Path, at: str, fate: str) -> None:
        assert Shop(tmp_path).send("a.csv", f"{HEAD}view,{at},ann\n") == {fate: 1}

    @pytest.mark.parametrize(
        ("format", "number", "fate"),
        [
            ("unix", 1_714_557_600, "accepted"),
            ("unix", 1_714_557_600_000, "quarantined time_unit"),
            ("unix", 0, "quarantined time_before_2000"),
            ("unix", -1, "quarantined time_before_2000"),
            ("unix", 10**11, "quarantined time_in_future"),
            ("unix_ms", 1_714_557_600_000, "accepted"),
            ("unix_ms", 1_714_557_600, "quarantined time_unit"),
            ("unix_ms", 1_714_557_600_000_000, "quarantined time_unit"),
            ("unix_ms", 0, "quarantined time_before_2000"),
        ],
    )
    def test_written_as_numbers(self, tmp_path: Path, format: str, number: int, fate: str) -> None:
        assert Shop(tmp_path, timed(format)).send("a.csv", f"{HEAD}view,{number},ann\n") == {fate: 1}

    def test_that_a_parquet_file_holds(self, tmp_path: Path) -> None:
        infinite, year_55969, year_1 = 2**63 - 1, 1_704_067_200 * 10**9, -62_135_596_800 * 10**6
        micros = [1_714_557_600 * 10**6, infinite, -infinite, year_55969, year_1]
        seen = pa.array(micros, pa.int64()).cast(pa.timestamp("us"))
        table = pa.table({"what": ["view"] * 5, "seen": seen, "who": ["ann"] * 5})
        shop = Shop(tmp_path, {"select": "map.sql"})
        (tmp_path / "map.sql").write_text(
            "SELECT line_no, what AS event_name, md5(raw) AS identity, seen AS occurred_at FROM records"
        )
        assert shop.send("a.parquet", table) == {
            "accepted": 1,
            "quarantined bad_time": 2,
            "quarantined time_before_2000": 1,
            "quarantined time_unit": 1,
        }


class TestReceived:
    @pytest.mark.parametrize(
        ("seen", "received", "fate"),
        [
            ("2024-05-02 09:00", "2024-05-01 10:00", "accepted"),
            ("2024-05-02 11:00", "2024-05-01 10:00", "quarantined time_in_future"),
            ("2024-05-02 11:00", "", "accepted"),
            ("2023-12-01 10:00", "2024-05-01 10:00", "accepted"),
            ("2024-05-01 10:00", "1970-01-01", "accepted"),
            ("2024-05-01 10:00", "2030-01-01", "quarantined time_in_future"),
            ("2029-12-31 10:00", "2030-01-01", "quarantined time_in_future"),
            ("2024-05-01 10:00", "soon", "quarantined bad_time"),
        ],
    )
    def test_judges_the_clock_of_the_device(self, tmp_path: Path, seen: str, received: str, fate: str) -> None:
        shop = Shop(tmp_path, RECEIVED)
        assert shop.send("a.csv", f"what,seen,who,received\nview,{seen},ann,{received}\n") == {fate: 1}


def test_a_version_of_the_future_is_quarantined_lest_it_win_for_ever(tmp_path: Path) -> None:
    orders = {
        "records": "snapshot",
        "events": {"placed": {"occurred_at": "seen"}},
        "fields": {"record_id": "id", "updated_at": "changed"},
    }
    shop = Shop(tmp_path, orders)
    assert shop.send("a.csv", "id,seen,changed\n1,2024-05-01,2024-05-02\n2,2024-05-01,2124-05-02\n") == {
        "accepted": 1,
        "quarantined time_in_future": 1,
    }


def test_a_device_clock_that_jumps_back_keeps_the_order_of_lines(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert shop.send("a.csv", HEAD + "a,2024-05-01 10:00,ann\nb,2024-05-01 09:00,ann\nc,2024-05-01 09:00,ann\n") == {
        "accepted": 3
    }
    assert shop.events("event_name, sequence") == [("a", 2), ("b", 3), ("c", 4)]


DAYLIGHT = [
    # zone, the hour that does not exist, the hour that exists twice
    ("Europe/Berlin", "2024-03-31 02:30", "2023-10-29 02:30"),
    ("America/New_York", "2024-03-10 02:30", "2023-11-05 01:30"),
    ("Australia/Lord_Howe", "2023-10-01 02:15", "2024-04-07 01:45"),
]


@pytest.mark.parametrize(("zone", "gap", "fold"), DAYLIGHT)
def test_an_hour_that_does_not_exist_moves_on_and_one_that_exists_twice_is_the_later(
    tmp_path: Path, zone: str, gap: str, fold: str
) -> None:
    shop = Shop(tmp_path, timed("%Y-%m-%d %H:%M", zone))
    assert shop.send("a.csv", f"{HEAD}gap,{gap},ann\nfold,{fold},ann\n") == {"accepted": 2}
    local = ZoneInfo(zone)
    expected = [
        datetime.fromisoformat(written).replace(tzinfo=local, fold=is_later).astimezone(UTC).replace(tzinfo=None)
        for written, is_later in ((gap, 0), (fold, 1))
    ]
    assert [at for (at,) in shop.events("occurred_at")] == expected


LAND = """
import sys
from pathlib import Path
from tests.connectors.lands import Shop
from tests.connectors.test_clocks import timed
Shop(Path(sys.argv[1]), timed("%Y-%m-%d %H:%M", "Europe/Berlin")).land()
"""


def test_the_zone_of_the_machine_changes_no_landed_byte(tmp_path: Path) -> None:
    landed = []
    for zone in ("UTC", "Asia/Kolkata", "America/Los_Angeles"):
        shop = Shop(tmp_path / zone.replace("/", "_"))
        shop.put("a.csv", HEAD + "view,2024-05-01 23:30,ann\nview,2024-03-31 02:30,ann\n")
        subprocess.run(
            [sys.executable, "-c", LAND, str(shop.root)],
            env={**os.environ, "TZ": zone},
            cwd=Path(__file__).parents[2],
            check=True,
        )
        landed.append([entry.events and entry.events.sha256 for entry in manifest.read(shop.landing)])
    assert landed[0] == landed[1] == landed[2] != []
