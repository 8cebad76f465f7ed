"""What becomes of a record: accepted, duplicate, filtered or quarantined, once, whatever is delivered how often."""

import os
import signal
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import manifest
from connectors.errors import ConnectorError, SecretMissing
from connectors.keys import key_id, make_key, read_key
from connectors.schema import EVENT_SCHEMA
from pipelines.collect import land_sources, out_of_date
from pipelines.errors import DefinitionError
from tests.connectors.lands import CLICKS, NOW, ORDERS, Shop, definition

HEAD = "what,seen,who\n"
ANN = "view,2024-05-01 10:00,ann\n"
BOB = "view,2024-05-01 10:01,bob\n"
EVE = "buy,2024-05-01 10:02,eve\n"
SELECT = "SELECT line_no, raw AS identity, what AS event_name, CAST(seen AS TIMESTAMP) AS occurred_at FROM records"
WITH_IDS = {"event_name": "what", "fields": {"event_id": "id", "occurred_at": "seen", "user_id": "who"}}


class TestAppend:
    """Records that are never changed: the first one landed wins, for ever."""

    def test_landing_again_adds_nothing(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("monday.csv", HEAD + ANN + BOB) == {"accepted": 2}
        assert shop.land() == {}
        assert len(shop.entries()) == 1

    def test_the_same_bytes_under_another_name_are_duplicates(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("monday.csv", HEAD + ANN + BOB)
        assert shop.send("copy.csv", HEAD + ANN + BOB) == {"duplicate landed_before": 2}
        assert shop.events() == [("view", "ann"), ("view", "bob")]

    def test_of_two_files_that_overlap_the_overlap_counts_once(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("monday.csv", HEAD + ANN + BOB)
        assert shop.send("tuesday.csv", HEAD + BOB + EVE) == {"accepted": 1, "duplicate landed_before": 1}
        assert shop.events() == [("view", "ann"), ("view", "bob"), ("buy", "eve")]

    def test_a_file_that_has_grown_adds_what_is_new_in_it(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("log.csv", HEAD + ANN)
        assert shop.send("log.csv", HEAD + ANN + BOB) == {"accepted": 1, "duplicate landed_before": 1}

    def test_one_record_in_two_parquet_files_is_one_wherever_it_stands(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        day, next_day = [
            table(("view", "10:00", "ann"), ("view", "10:01", "bob")),
            table(("view", "10:01", "bob"), ("buy", "10:02", "eve")),
        ]
        shop.send("monday.parquet", day)
        assert shop.send("tuesday.parquet", next_day) == {"accepted": 1, "duplicate landed_before": 1}

    def test_the_order_of_deliveries_does_not_matter(self, tmp_path: Path) -> None:
        files = {"a.csv": HEAD + ANN + BOB + ANN, "b.csv": HEAD + BOB + EVE, "c.csv": HEAD + ANN + EVE}
        forwards, backwards = Shop(tmp_path / "forwards"), Shop(tmp_path / "backwards")
        for shop, names in ((forwards, "abc"), (backwards, "cba")):
            for name in names:
                shop.send(f"{name}.csv", files[f"{name}.csv"])
        assert {*forwards.event_ids()} == {*backwards.event_ids()}
        assert len(forwards.event_ids()) == len(backwards.event_ids()) == 4

    def test_of_one_id_with_two_payloads_the_first_landed_wins(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, WITH_IDS)
        head = "id,what,seen,who\n"
        assert shop.send("a.csv", head + "1,view,2024-05-01,ann\n1,view,2024-05-01,bob\n1,view,2024-05-01,ann\n") == {
            "accepted": 1,
            "duplicate conflict": 1,
            "duplicate repeated": 1,
        }
        assert shop.send("b.csv", head + "1,buy,2024-05-02,eve\n2,view,2024-05-02,eve\n") == {
            "accepted": 1,
            "duplicate conflict": 1,
        }
        assert shop.events("event_id, user_id") == [("1", "ann"), ("2", "eve")]

    def test_the_record_id_of_a_source_that_appends_does_not_hide_its_duplicates(self, tmp_path: Path) -> None:
        keys = {**CLICKS, "fields": {**CLICKS["fields"], "record_id": "who"}}
        shop = Shop(tmp_path, keys)
        shop.send("monday.csv", HEAD + ANN)
        assert shop.send("copy.csv", HEAD + ANN + BOB) == {"accepted": 1, "duplicate landed_before": 1}


class TestExactDuplicates:
    """Records without an id that are equal in every byte."""

    def test_are_kept_apart_by_their_occurrence(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.csv", HEAD + ANN + ANN + BOB) == {"accepted": 3}
        assert len({*shop.event_ids()}) == 3

    def test_across_files_the_same_record_with_the_same_number_is_a_duplicate(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN + ANN)
        assert shop.send("b.csv", HEAD + ANN + ANN + ANN) == {"accepted": 1, "duplicate landed_before": 2}

    def test_are_dropped_where_the_definition_says_so(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "exact_duplicates": "drop"})
        assert shop.send("a.csv", HEAD + ANN + ANN + BOB) == {"accepted": 2, "duplicate repeated": 1}
        assert shop.send("b.csv", HEAD + ANN + ANN) == {"duplicate landed_before": 1, "duplicate repeated": 1}

    def test_the_first_of_them_has_one_id_kept_or_dropped(self, tmp_path: Path) -> None:
        kept, dropped = Shop(tmp_path / "kept"), Shop(tmp_path / "dropped", {**CLICKS, "exact_duplicates": "drop"})
        for shop in (kept, dropped):
            shop.send("a.csv", HEAD + ANN + ANN)
        assert {*dropped.event_ids()} < {*kept.event_ids()}


class TestSnapshot:
    """Records that are sent again after a change: a version that equals the one before it is a duplicate."""

    ORDER = "id,seen,who\n7,2024-05-01,ann\n"
    CHANGED = "id,seen,who\n7,2024-05-01,bob\n"

    def test_the_same_version_again_is_a_duplicate(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, ORDERS)
        assert shop.send("mon.csv", self.ORDER) == {"accepted": 1}
        assert shop.send("tue.csv", self.ORDER) == {"duplicate landed_before": 1}

    def test_a_changed_record_is_accepted(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, ORDERS)
        shop.send("mon.csv", self.ORDER)
        assert shop.send("tue.csv", self.CHANGED) == {"accepted": 1}
        assert shop.events("record_id, user_id, load_seq") == [("7", "ann", 1), ("7", "bob", 2)]

    @pytest.mark.parametrize("names", [("mon.csv", "tue.csv", "wed.csv"), ("orders.csv", "orders.csv", "orders.csv")])
    def test_a_record_that_goes_back_to_what_it_was_has_changed(self, tmp_path: Path, names: tuple[str, ...]) -> None:
        shop = Shop(tmp_path, ORDERS)
        for name, content in zip(names, (self.ORDER, self.CHANGED, self.ORDER), strict=True):
            assert shop.send(name, content) == {"accepted": 1}
        assert [who for (who,) in shop.events("user_id")] == ["ann", "bob", "ann"]

    def test_within_one_file_each_version_is_compared_with_the_one_before_it(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, ORDERS)
        assert shop.send(
            "a.csv", "id,seen,who\n7,2024-05-01,ann\n7,2024-05-01,ann\n7,2024-05-01,bob\n7,2024-05-01,ann\n"
        ) == {
            "accepted": 3,
            "duplicate repeated": 1,
        }
        assert shop.send("b.csv", "id,seen,who\n7,2024-05-01,ann\n7,2024-05-01,bob\n") == {
            "accepted": 1,
            "duplicate landed_before": 1,
        }

    def test_an_older_version_that_says_when_it_was_is_no_news(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**ORDERS, "fields": {**ORDERS["fields"], "updated_at": "changed"}})
        first = "id,seen,who,changed\n7,2024-05-01,ann,2024-05-01\n"
        shop.send("mon.csv", first)
        shop.send("tue.csv", "id,seen,who,changed\n7,2024-05-01,bob,2024-05-02\n")
        assert shop.send("late.csv", first) == {"duplicate landed_before": 1}

    def test_a_record_without_its_id_is_quarantined(self, tmp_path: Path) -> None:
        assert Shop(tmp_path, ORDERS).send("a.csv", "id,seen,who\n,2024-05-01,ann\n") == {"quarantined no_record_id": 1}


class TestSeveralEvents:
    """A record may become several events, or none."""

    KEYS: ClassVar[dict[str, Any]] = {
        "events": {"placed": {"occurred_at": "seen"}, "delivered": {"occurred_at": "delivered", "passive": True}},
        "fields": {"order_id": "id"},
    }

    def test_each_time_of_a_row_is_an_event_and_a_blank_one_is_none(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, self.KEYS)
        assert shop.send("a.csv", "id,seen,delivered\n1,2024-05-01,2024-05-03\n2,2024-05-02,\n") == {"accepted": 2}
        assert shop.events("event_name, order_id, is_passive") == [
            ("delivered", "1", True),
            ("placed", "1", False),
            ("placed", "2", False),
        ]

    def test_a_row_without_any_time_is_filtered(self, tmp_path: Path) -> None:
        assert Shop(tmp_path, self.KEYS).send("a.csv", "id,seen,delivered\n1,,\n") == {"filtered no_time": 1}

    def test_one_unreadable_time_quarantines_the_whole_row(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, self.KEYS)
        assert shop.send("a.csv", "id,seen,delivered\n1,2024-05-01,soon\n") == {"quarantined bad_time": 1}
        assert shop.events() == []

    def test_the_id_of_a_row_is_told_apart_by_event(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**self.KEYS, "fields": {"event_id": "id"}})
        shop.send("a.csv", "id,seen,delivered\n1,2024-05-01,\n")
        assert shop.send("b.csv", "id,seen,delivered\n1,2024-05-01,2024-05-03\n") == {"accepted": 1}
        assert shop.event_ids() == ["1:placed", "1:delivered"]

    def test_two_events_of_one_name_from_one_record_are_two(self, tmp_path: Path) -> None:
        assert selecting(
            tmp_path,
            """
            SELECT line_no, md5(raw) AS identity, 'hit' AS event_name, CAST(unnest([seen, seen]) AS TIMESTAMP) AS occurred_at FROM records
        """,
        ).send("a.csv", HEAD + ANN) == {"accepted": 1}
        shop = Shop(tmp_path, {"select": "map.sql"})
        assert len({*shop.event_ids()}) == 2

    def test_a_record_that_gives_two_events_one_id_is_quarantined(self, tmp_path: Path) -> None:
        shop = selecting(
            tmp_path,
            """
            SELECT line_no, who AS event_id, unnest(['view', 'buy']) AS event_name, CAST(seen AS TIMESTAMP) AS occurred_at FROM records
        """,
        )
        assert shop.send("a.csv", HEAD + ANN) == {"quarantined same_event_id": 1}


class TestLedger:
    """Every physical record is in it, once."""

    def test_a_mixed_file_balances(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "exact_duplicates": "drop"})
        shop.send("old.csv", HEAD + BOB)
        assert shop.send(
            "new.csv", HEAD + ANN + BOB + ANN + "view,never,ann\nview,,ann\n,2024-05-01,ann\nview,2024-05-01\n"
        ) == {
            "accepted": 1,
            "duplicate landed_before": 1,
            "duplicate repeated": 1,
            "filtered no_time": 1,
            "quarantined bad_time": 1,
            "quarantined no_event_name": 1,
            "quarantined wrong_number_of_columns": 1,
        }

    def test_a_reason_to_filter_is_the_sources_own(self, tmp_path: Path) -> None:
        shop = selecting(
            tmp_path,
            """
            SELECT line_no, raw AS identity, what AS event_name, CAST(seen AS TIMESTAMP) AS occurred_at,
                CASE WHEN who = 'bot' THEN 'bot' END AS filter_reason
            FROM records
        """,
        )
        assert shop.send("a.csv", HEAD + ANN + "view,2024-05-01,bot\n") == {"accepted": 1, "filtered bot": 1}

    def test_an_event_of_a_record_that_is_not_there_stops_the_landing(self, tmp_path: Path) -> None:
        shop = selecting(tmp_path, SELECT.replace("line_no,", "line_no + 1 AS line_no,"))
        assert "the ledger does not balance (1 records in); nothing was landed" in shop.refusal("a.csv", HEAD + ANN)

    def test_so_does_an_event_of_no_record(self, tmp_path: Path) -> None:
        shop = selecting(tmp_path, SELECT.replace("line_no,", "NULL AS line_no,"))
        assert "the ledger does not balance" in shop.refusal("a.csv", HEAD + ANN + "only one column\n")

    @pytest.mark.parametrize("at", ["2000-01-01", "2024-06-02 12:00:00"])
    def test_a_clock_within_a_day_is_not(self, tmp_path: Path, at: str) -> None:
        assert Shop(tmp_path).send("a.csv", f"{HEAD}view,{at},ann\n") == {"accepted": 1}


class TestQuarantine:
    def test_keeps_the_raw_record_its_line_and_the_reason(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN + "view,never,bob\n" + EVE)
        assert shop.quarantine() == [(3, "bad_time", "view,never,bob")]

    def test_does_not_take_the_same_record_twice(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + "view,never,bob\n")
        assert shop.send("b.csv", HEAD + "view,never,bob\nview,never,eve\n") == {
            "duplicate quarantined_before": 1,
            "quarantined bad_time": 1,
        }
        assert [raw for _, _, raw in shop.quarantine()] == ["view,never,bob", "view,never,eve"]

    def test_lets_a_record_go_once_the_mapping_understands_it(self, tmp_path: Path) -> None:
        Shop(tmp_path).send("a.csv", HEAD + "view,01.05.2024,bob\n")
        mended = Shop(
            tmp_path, {**CLICKS, "fields": {"occurred_at": {"column": "seen", "format": "%d.%m.%Y"}, "user_id": "who"}}
        )
        assert mended.send("again.csv", HEAD + "view,01.05.2024,bob\n") == {"accepted": 1}


class TestPrivacy:
    """What is in clear when it arrives, and must not be when it is written."""

    KEYS: ClassVar[dict[str, Any]] = {
        "event_name": "what",
        "properties": {"size": "size"},
        "fields": {"occurred_at": "seen", "email": "mail", "phone": "call", "page": "url", "referrer": "from"},
    }
    HEAD = "what,seen,mail,call,url,from,size,note\n"
    ROW = (
        "view,{at},Canary.One@Example.org,+44 20 7946 0018,https://shop.example/cart/canary2@example.org?token=canary3#canary4,"
        "https://canary5:canary6@news.example:8080/canary7?q=canary8,XL,canary9\n"
    )
    SECRETS = ("canary", "Canary", "example.org", "79460018", "7946 0018")

    def shop(self, root: Path) -> Shop:
        root.mkdir(exist_ok=True)
        make_key(root / "journeys.key")
        return Shop(root, self.KEYS)

    def test_no_landed_byte_tells_an_address_a_number_a_query_or_an_unlisted_column(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        assert shop.send("a.csv", self.HEAD + self.ROW.format(at="2024-05-01") * 3) == {"accepted": 3}
        assert clear_texts(shop.landing, self.SECRETS) == set()
        [(page, host, size, email, phone)] = {
            *shop.events("page_path, referrer_host, properties, email_key, phone_key")
        }
        assert (page, host, size) == ("/cart/(email)", "news.example", '{"size":"XL"}')
        assert len(email) == len(phone) == 32

    def test_the_quarantine_alone_keeps_a_record_as_it_came(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        shop.send("a.csv", self.HEAD + self.ROW.format(at="2024-05-01") + self.ROW.format(at="never"))
        assert {name for name, _ in clear_texts(shop.landing, self.SECRETS)} == {"000001.quarantine.parquet"}

    def test_one_address_has_one_key_however_it_is_written(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        shop.send(
            "a.csv",
            self.HEAD
            + "view,2024-05-01,ANN@x.example,,,,,\nview,2024-05-01, ann@x.example ,,,,,\nview,2024-05-01,n/a,12,,,,\n",
        )
        (first,), (second,), (none,) = shop.events("email_key")
        assert first == second
        assert none is None

    def test_another_key_gives_another_pseudonym(self, tmp_path: Path) -> None:
        shops = [self.shop(tmp_path / name) for name in ("one", "two")]
        for shop in shops:
            shop.send("a.csv", self.HEAD + self.ROW.format(at="2024-05-01"))
        assert shops[0].events("email_key") != shops[1].events("email_key")
        assert shops[0].event_ids() == shops[1].event_ids()

    def test_without_a_key_nothing_lands_and_the_way_out_is_named(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, self.KEYS)
        shop.put("a.csv", self.HEAD + self.ROW.format(at="2024-05-01"))
        with pytest.raises(
            SecretMissing, match=r"sources\.web carries e-mail addresses or phone numbers .* run `journeys init`"
        ):
            shop.land()
        assert shop.entries() == ()
        assert clear_texts(shop.landing, self.SECRETS) == set()

    def test_a_source_without_addresses_needs_no_key(self, tmp_path: Path) -> None:
        assert Shop(tmp_path, self.KEYS).send("a.csv", self.HEAD + "view,2024-05-01,,,,,,\n") == {"accepted": 1}

    def test_what_a_killed_run_spilled_in_clear_is_removed(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        spilled = shop.landing / ".spill" / "duckdb_temp_storage.tmp"
        spilled.parent.mkdir(parents=True)
        spilled.write_text("canary")
        shop.send("a.csv", self.HEAD + self.ROW.format(at="2024-05-01"))
        assert not spilled.exists()

    @pytest.mark.parametrize(
        ("url", "path"),
        [
            ("https://shop.example/a/b?x=1#y", "/a/b"),
            ("https://shop.example", "/"),
            ("https://shop.example?x=1", "/"),
            ("/basket?token=1", "/basket"),
            ("/go/https://other.example/x", "/go/https://other.example/x"),
            ("#top", "/"),
            ("app://screen/home", "/home"),
            ("/users/ann@example.org/orders", "/users/(email)/orders"),
            ("/u/ann%40example.org", "/u/(email)"),
            ("mailto:ann@example.org", "(email)"),
            ("/@ann", "/@ann"),
            ("/größe/ä", "/größe/ä"),
        ],
    )
    def test_of_a_page_the_path_is_left(self, tmp_path: Path, url: str, path: str) -> None:
        shop = self.shop(tmp_path)
        shop.send("a.csv", f"{self.HEAD}view,2024-05-01,,,{url},,,\n")
        assert shop.events("page_path") == [(path,)]

    @pytest.mark.parametrize(
        ("referrer", "host"),
        [
            ("https://News.Example/x?q=1", "news.example"),
            ("http://ann:pw@news.example:81/", "news.example"),
            ("android-app://com.mail.example/", "com.mail.example"),
            ("news.example/x", None),
            ("(direct)", None),
            ("https://", None),
        ],
    )
    def test_of_a_referrer_the_host_is_left(self, tmp_path: Path, referrer: str, host: str | None) -> None:
        shop = self.shop(tmp_path)
        shop.send("a.csv", f"{self.HEAD}view,2024-05-01,,,,{referrer},,\n")
        assert shop.events("referrer_host") == [(host,)]


class TestLandedFiles:
    def test_hold_the_declared_columns_in_the_declared_types(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        landed = pq.read_schema(shop.landing / "web/000001.parquet")
        assert [(column.name, column.type) for column in landed] == [
            (column.name, column.type) for column in EVENT_SCHEMA
        ]

    def test_hold_a_value_wherever_the_schema_demands_one(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN + BOB)
        landed = pq.read_table(shop.landing / "web/000001.parquet")
        assert [column.name for column in EVENT_SCHEMA if not column.nullable and landed[column.name].null_count] == []

    def test_can_be_read_by_their_owner_alone(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN + "view,never,bob\n")
        modes = {
            path.relative_to(shop.landing).as_posix(): stat.S_IMODE(path.stat().st_mode)
            for path in shop.landing.rglob("*")
        }
        assert modes == {
            "web": 0o700,
            "manifest.jsonl": 0o600,
            "web/000001.parquet": 0o600,
            "web/000001.quarantine.parquet": 0o600,
        }

    def test_are_the_same_bytes_for_the_same_input(self, tmp_path: Path) -> None:
        rows = "".join(
            f"view,2024-05-{day:02d} 10:{minute:02d},u{minute % 7}\n" for day in range(1, 29) for minute in range(60)
        )
        digests = []
        for name in ("one", "two"):
            shop = Shop(tmp_path / name)
            shop.send("a.csv", HEAD + rows * 3 + "view,never,bob\n")
            digests.append(
                [
                    (entry.events.sha256, entry.quarantine.sha256)
                    for entry in shop.entries()
                    if entry.events and entry.quarantine
                ]
            )
        assert digests[0] == digests[1]
        assert len(digests[0]) == 1

    def test_a_landed_file_that_is_gone_is_named(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        (shop.landing / "web/000001.parquet").unlink()
        assert "web/000001.parquet is in the manifest, but is gone or has another size; restore it" in shop.refusal(
            "b.csv", HEAD + BOB
        )

    def test_a_folder_that_looks_like_a_wildcard_is_refused(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path / "shop [new]")
        assert "which the engine takes for a wildcard; rename it" in shop.refusal("a.csv", HEAD + ANN)

    def test_a_workspace_may_be_reached_by_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        shop = Shop(tmp_path / "link")
        assert shop.send("a.parquet", table(("view", "10:00", "ann"))) == {"accepted": 1}
        assert shop.send("b.parquet", table(("view", "10:00", "ann"))) == {"duplicate landed_before": 1}


KILLED = """
import sys
from pathlib import Path
from tests.connectors.lands import Shop
Shop(Path(sys.argv[1])).land()
"""


class TestInterrupted:
    @pytest.mark.parametrize("point", ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"])
    def test_a_killed_landing_leaves_the_manifest_whole_and_lands_once_when_run_again(
        self, tmp_path: Path, point: str
    ) -> None:
        shop, unharmed = Shop(tmp_path / "shop"), Shop(tmp_path / "unharmed")
        for each in (shop, unharmed):
            each.send("a.csv", HEAD + ANN)
            each.put("b.csv", HEAD + ANN + BOB + "view,never,eve\n")
        before = shop.entries()
        command = [sys.executable, "-c", KILLED, str(shop.root)]
        killed = subprocess.run(
            command, env={**os.environ, "JOURNEYS_FAILPOINT": point}, cwd=Path(__file__).parents[2], check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert shop.entries()[: len(before)] == before
        assert len(shop.entries()) == (2 if point == "L8" else 1)
        shop.land()
        unharmed.land()
        assert shop.entries() == unharmed.entries()
        assert shop.land() == {}
        names = [
            sorted(path.relative_to(each.landing).as_posix() for path in each.landing.rglob("*"))
            for each in (shop, unharmed)
        ]
        assert names[0] == names[1]


class TestSources:
    def test_all_are_checked_before_the_first_one_lands(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.put("a.csv", HEAD + ANN)
        good = {"connector": "files", "path": "in/*", **CLICKS}
        (tmp_path / "journey.yaml").write_text("name: shop\nsources:\n  web: {}\n  desk: {pathh: x}\n")
        with pytest.raises(
            DefinitionError, match=r"line 4: sources.desk.pathh: unknown key 'pathh'; did you mean 'path'\?"
        ):
            land_sources(
                shop.workspace, definition({"web": good, "desk": {**good, "pathh": "x"}}), lambda line: None, now=NOW
            )
        assert shop.entries() == ()

    def test_one_that_is_not_there_is_named_with_its_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(DefinitionError, match=r"There is no source 'wbe' in journey.yaml; did you mean 'web'\?"):
            land_sources(
                Shop(tmp_path).workspace,
                definition({"web": {"connector": "files", "path": "x", **CLICKS}}),
                lambda line: None,
                only=["wbe"],
            )

    def test_a_changed_mapping_makes_what_has_landed_out_of_date(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        same = {"connector": "files", "path": "elsewhere/*", **CLICKS}
        assert out_of_date(shop.workspace, definition({"web": same})) == []
        assert out_of_date(shop.workspace, definition({"web": {**same, "exact_duplicates": "drop"}})) == ["web"]
        make_key(shop.workspace.key)
        assert out_of_date(shop.workspace, definition({"web": same})) == ["web"]

    def test_the_manifest_and_a_key_id_tell_no_key(self, tmp_path: Path) -> None:
        make_key(tmp_path / "journeys.key")
        key = read_key(tmp_path / "journeys.key")
        assert key is not None
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        assert [entry.key_id for entry in shop.entries()] == [key_id(key)]
        assert key.hex() not in str([path.read_bytes() for path in shop.landing.rglob("*") if path.is_file()])
        assert key_id(key) not in key.hex()


def table(*rows: tuple[str, str, str]) -> pa.Table:
    """Clicks as typed columns, on 1 May 2024."""
    times = [datetime.fromisoformat(f"2024-05-01T{at}") for _, at, _ in rows]
    return pa.table(
        {
            "what": [what for what, _, _ in rows],
            "seen": pa.array(times, pa.timestamp("us")),
            "who": [who for _, _, who in rows],
        }
    )


def selecting(root: Path, select: str) -> Shop:
    (root / "map.sql").write_text(select)
    return Shop(root, {"select": "map.sql"})


def clear_texts(folder: Path, secrets: tuple[str, ...]) -> set[tuple[str, str]]:
    """Which file tells which secret, in its bytes or in any value of its columns."""
    found = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        texts = [path.read_bytes().decode("latin-1"), path.name]
        if path.suffix == ".parquet":
            texts.append(str(pq.read_table(path).to_pylist()))
        found |= {(path.name, secret) for secret in secrets if any(secret in text for text in texts)}
    return found


def test_an_error_of_the_engine_quotes_no_data(tmp_path: Path) -> None:
    shop = selecting(tmp_path, SELECT.replace("FROM", ", CAST(who AS INTEGER) AS user_id FROM"))
    said = shop.refusal("a.csv", HEAD + "view,2024-05-01,canary@example.org\n")
    assert "canary" not in said
    assert said.startswith("sources.web: a.csv cannot be landed (Conversion Error: ")
    assert said.endswith("What landed before is untouched.")


def test_a_damaged_manifest_stops_the_landing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.send("a.csv", HEAD + ANN)
    whole = (shop.landing / "manifest.jsonl").read_text()
    (shop.landing / "manifest.jsonl").write_text(whole.replace("load_seq", "load"))
    with pytest.raises(
        ConnectorError, match=r"manifest\.jsonl is damaged; restore it from a backup, or delete landing/ and land again"
    ):
        shop.land()


def test_the_manifest_lists_what_the_folder_holds(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for number in range(3):
        shop.send(f"{number}.csv", f"{HEAD}view,2024-05-0{number + 1},ann\n")
    listed: set[Any] = {entry.events.path for entry in manifest.read(shop.landing) if entry.events}
    assert listed == {path.relative_to(shop.landing).as_posix() for path in shop.landing.glob("web/*")}
