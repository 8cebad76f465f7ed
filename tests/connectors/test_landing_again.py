"""What has landed can land again: after a mended mapping, from the quarantine, or for a range of days."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import known, manifest
from connectors.errors import ConnectorError
from tests.connectors.lands import CLICKS, ORDERS, Shop
from tests.examples import examples

HEAD = "what,seen,who\n"
ANN = "view,2024-05-01 10:00,ann\n"
BOB = "view,2024-05-01 10:01,bob\n"
LATE = "buy,01.05.2024 11:00,eve\n"
UNTOLD = "buy,never,eve\n"
GERMAN = {**CLICKS, "fields": {"occurred_at": {"column": "seen", "format": "%d.%m.%Y %H:%M"}, "user_id": "who"}}
EVERY = "event_id, event_name, occurred_at, user_id, file_id, line_no, record_hash"


class TestReplay:
    """Quarantine, fix, replay: as if it had never failed."""

    def test_gives_the_events_that_would_have_been_there_all_along(self, tmp_path: Path) -> None:
        mended, never_failed = Shop(tmp_path / "mended", GERMAN), Shop(tmp_path / "never", GERMAN)
        content = HEAD + LATE + UNTOLD + LATE + 'buy,02.05.2024 11:00,"e\nve"\n'
        assert Shop(tmp_path / "mended").send("a.csv", content) == {"quarantined bad_time": 4}
        assert mended.replay() == {"accepted": 3, "quarantined bad_time": 1}
        never_failed.send("a.csv", content)
        assert mended.events(EVERY) == never_failed.events(EVERY)
        assert mended.in_all() == never_failed.in_all()
        assert mended.quarantine() == never_failed.quarantine() == [(3, "bad_time", UNTOLD.strip())]

    @pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
    def test_reads_each_format_as_it_was_first_read(self, tmp_path: Path, name: str) -> None:
        rows = [{"what": "buy", "seen": "01.05.2024 11:00", "who": "eve", "n": {"of": 2}}]
        content = pa.Table.from_pylist(rows) if name == "a.parquet" else str(rows[0]).replace("'", '"') + "\n"
        keys = {**GERMAN, "properties": {"n": "n"}}
        mended, never_failed = Shop(tmp_path / "mended", keys), Shop(tmp_path / "never", keys)
        assert Shop(tmp_path / "mended").send(name, content) == {"quarantined bad_time": 1}
        assert mended.replay() == {"accepted": 1}
        never_failed.send(name, content)
        assert mended.events(EVERY + ", properties") == never_failed.events(EVERY + ", properties")

    def test_reads_a_csv_by_the_delimiter_of_its_source(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "delimiter": ";"})
        assert shop.send("a.csv", "what;seen;who\nview;31.05.2024;ann, of Kiel\n") == {"quarantined bad_time": 1}
        fields = {**CLICKS["fields"], "occurred_at": {"column": "seen", "format": "%d.%m.%Y"}}
        mended = Shop(tmp_path, {**shop.keys, "fields": fields})
        assert mended.replay() == {"accepted": 1}
        assert mended.events() == [("view", "ann, of Kiel")]

    def test_ends_a_line_of_a_csv_where_it_was_ended_at_first(self, tmp_path: Path) -> None:
        """U+2028 and its like end a line to some readers, not to this one."""
        who = "eve\u2028of\x0bKiel\x85"
        mended, never_failed = Shop(tmp_path / "mended", GERMAN), Shop(tmp_path / "never", GERMAN)
        assert Shop(tmp_path / "mended").send("a.csv", HEAD + f"buy,01.05.2024 11:00,{who}\n") == {
            "quarantined bad_time": 1
        }
        assert mended.replay() == {"accepted": 1}
        never_failed.send("a.csv", HEAD + f"buy,01.05.2024 11:00,{who}\n")
        assert mended.events(EVERY) == never_failed.events(EVERY)

    def test_serves_a_select_the_types_it_had(self, tmp_path: Path) -> None:
        table = pa.table({"seen": [datetime(2024, 5, 1)], "tags": [["a", "b"]], "part": [{"n": 3}]})
        select = "SELECT line_no, raw AS identity, 'x' AS event_name, {at} AS occurred_at, tags[2] || part.n AS user_id FROM records"
        (tmp_path / "map.sql").write_text(select.format(at="TIMESTAMP '1970-01-01'"))
        shop = Shop(tmp_path, {"select": "map.sql"})
        shop.send("a.parquet", table)
        (tmp_path / "map.sql").write_text(select.format(at="seen"))
        assert shop.replay() == {"accepted": 1}
        assert shop.events("occurred_at, user_id") == [(datetime(2024, 5, 1), "b3")]

    def test_moves_the_records_and_their_part_of_the_ledger(self, tmp_path: Path) -> None:
        Shop(tmp_path).send("a.csv", HEAD + ANN + LATE + UNTOLD)
        Shop(tmp_path, GERMAN).replay()
        first, second = Shop(tmp_path).entries()
        assert (first.n_records, first.quarantine, first.n_accepted) == (1, None, 1)
        assert (second.input, second.n_records, second.replays, second.file_id) == (
            "replay of a.csv",
            2,
            1,
            first.file_id,
        )
        assert not (tmp_path / "landing/web/000001.quarantine.parquet").exists()

    def test_changes_nothing_when_nothing_is_understood(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + UNTOLD)
        before = shop.entries()
        assert shop.replay() == {}
        assert shop.entries() == before

    def test_of_a_replay_keeps_the_first_file_and_line(self, tmp_path: Path) -> None:
        Shop(tmp_path).send("a.csv", HEAD + LATE + UNTOLD + "buy,1714561200,eve\n")
        Shop(tmp_path, GERMAN).replay()
        unix = {**CLICKS, "fields": {"occurred_at": {"column": "seen", "format": "unix"}, "user_id": "who"}}
        shop = Shop(tmp_path, unix)
        assert shop.replay() == {"accepted": 1, "quarantined bad_time": 1}
        assert [(entry.input, entry.replays) for entry in shop.entries()] == [
            ("a.csv", None), ("replay of a.csv", 1), ("replay of a.csv", 1),
        ]  # fmt: skip
        assert shop.events("file_id, line_no") == [("web-000001", 2), ("web-000001", 4)]

    def test_does_not_take_escaped_bytes_for_a_text(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD.encode() + "view,2024-05-01,andré\n".encode("latin-1"))
        assert shop.replay() == {}

    def test_keeps_as_many_true_repeats_as_a_file_had(self, tmp_path: Path) -> None:
        shop, mended, never_failed = Shop(tmp_path / "a"), Shop(tmp_path / "a", GERMAN), Shop(tmp_path / "b", GERMAN)
        for each in (shop, never_failed):
            each.send("1.csv", HEAD + LATE)
            each.send("2.csv", HEAD + LATE + LATE)
        mended.replay()
        assert {*mended.event_ids()} == {*never_failed.event_ids()}
        assert len(mended.event_ids()) == 2

    def test_the_first_landed_still_wins(self, tmp_path: Path) -> None:
        keys: dict[str, Any] = {**CLICKS, "fields": {**CLICKS["fields"], "event_id": "id"}}
        mended = {**GERMAN, "fields": {**GERMAN["fields"], "event_id": "id"}}
        Shop(tmp_path, keys).send("a.csv", "id,what,seen,who\n1,view,01.05.2024 11:00,eve\n")
        Shop(tmp_path, keys).send("b.csv", "id,what,seen,who\n1,view,2024-05-01,ann\n")
        assert Shop(tmp_path, mended).replay() == {"duplicate conflict": 1}
        assert Shop(tmp_path, mended).events() == [("view", "ann")]

    def test_a_version_of_a_snapshot_is_as_old_as_its_delivery(self, tmp_path: Path) -> None:
        mended = {**ORDERS, "events": {"placed": {"occurred_at": {"column": "seen", "format": "%d.%m.%Y"}}}}
        Shop(tmp_path, ORDERS).send("a.csv", "id,seen,who\n7,01.05.2024,ann\n8,01.05.2024,ann\n")
        Shop(tmp_path, ORDERS).send("b.csv", "id,seen,who\n7,2024-05-01,bob\n")
        assert Shop(tmp_path, mended).replay() == {"accepted": 1, "duplicate superseded": 1}
        assert Shop(tmp_path).events("record_id, user_id") == [("7", "bob"), ("8", "ann")]


class TestAgain:
    """All of a source anew, in place of what landed: as if it landed for the first time."""

    def test_a_newer_version_is_newer_also_than_one_of_an_earlier_replay(self, tmp_path: Path) -> None:
        """Version 1 becomes readable first and lands third; version 2, which came second, is newer all the same."""
        day = {"column": "seen", "format": "%d.%m.%Y"}
        keys = [
            {**ORDERS, "events": {"placed": {"occurred_at": seen, "amount": amount}}}
            for seen, amount in (("seen", "paid"), (day, "paid"), (day, {"const": 1}))
        ]
        Shop(tmp_path, keys[0]).send("a.csv", "id,seen,who,paid\n7,01.05.2024,ann,5\n")
        Shop(tmp_path, keys[0]).send("b.csv", "id,seen,who,paid\n7,02.05.2024,bob,5 EUR\n")
        assert Shop(tmp_path, keys[1]).replay() == {"accepted": 1}
        assert Shop(tmp_path, keys[2]).replay() == {"accepted": 1}

    def test_equals_a_first_landing_by_the_mapping_of_today(self, tmp_path: Path) -> None:
        again, first = Shop(tmp_path / "again", GERMAN), Shop(tmp_path / "first", GERMAN)
        files = {"b.csv": HEAD + ANN + LATE, "a.csv": HEAD + LATE + BOB}
        for name, content in files.items():
            Shop(tmp_path / "again").send(name, content)
            first.send(name, content)
        assert again.land_again() == first.in_all()
        columns = EVERY.replace("file_id, ", "")
        assert again.events(columns) == first.events(columns)
        assert [entry.load_seq for entry in again.entries()] == [3, 4]
        on_disk = {path.name for path in (again.landing / "web").iterdir()}
        assert on_disk == {Path(file.path).name for entry in again.entries() for file in entry.files}

    @pytest.mark.parametrize("harm", ["gone", "changed"])
    def test_is_refused_when_an_input_is_not_as_it_was(self, tmp_path: Path, harm: str) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        shop.send("b.csv", HEAD + BOB)
        if harm == "gone":
            (tmp_path / "in/a.csv").unlink()
        else:
            shop.put("a.csv", HEAD + BOB)
        before = shop.entries()
        with pytest.raises(
            ConnectorError, match=r"sources\.web: a\.csv is gone, or has other bytes than those that landed"
        ):
            shop.land_again()
        assert shop.entries() == before
        assert len(shop.events()) == 2

    def test_needs_no_input_of_a_replay(self, tmp_path: Path) -> None:
        Shop(tmp_path).send("a.csv", HEAD + ANN + LATE)
        shop = Shop(tmp_path, GERMAN)
        shop.replay()
        assert shop.land_again() == {"accepted": 1, "quarantined bad_time": 1}

    def test_marks_what_a_killed_landing_left_for_removal(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        stray = shop.landing / "web/000002.parquet"
        stray.write_bytes(b"half a file")
        shop.land()
        assert not stray.exists()
        assert len(shop.events()) == 1


class TestWithdrawn:
    """The newest version of a record wins, also when it gives no event."""

    KEYS: ClassVar[dict[str, Any]] = {"select": "map.sql", "records": "snapshot"}
    SELECT = """
        SELECT line_no, id AS identity, id AS record_id, who AS user_id, hash(raw) AS record_hash,
            CAST(changed AS TIMESTAMP) AS updated_at, 'placed' AS event_name, CAST(seen AS TIMESTAMP) AS occurred_at,
            CASE WHEN who = 'test' THEN 'test_order' END AS filter_reason
        FROM records
    """
    HEAD = "id,seen,who,changed\n"
    LIVE = HEAD + "7,2024-05-01,ann,\n"
    TEST = HEAD + "7,2024-05-01,test,\n"

    def shop(self, root: Path) -> Shop:
        (root / "map.sql").write_text(self.SELECT)
        return Shop(root, self.KEYS)

    def test_a_record_that_counts_no_more_is_listed(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        shop.send("a.csv", self.LIVE)
        assert shop.send("b.csv", self.TEST) == {"filtered test_order": 1}
        assert shop.withdrawn("record_id, load_seq, line_no, file_id, source") == [("7", 2, 2, "web-000002", "web")]

    def test_one_without_a_time_left_likewise(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        shop.send("a.csv", self.LIVE)
        assert shop.send("b.csv", self.HEAD + "7,,ann,\n") == {"filtered no_time": 1}
        assert shop.withdrawn() == [("7", 2)]

    def test_once_and_again_after_it_counted_again(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        for number, content in enumerate([self.LIVE, self.TEST, self.TEST, self.LIVE, self.TEST]):
            shop.send(f"{number}.csv", content)
        assert shop.withdrawn() == [("7", 2), ("7", 5)]
        assert shop.events("record_id, load_seq") == [("7", 1), ("7", 4)]

    def test_before_the_version_it_replaces_has_come(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path)
        shop.send("b.csv", self.HEAD + "7,2024-05-01,test,2024-05-03\n")
        shop.send("a.csv", self.HEAD + "7,2024-05-01,ann,2024-05-02\n")
        assert shop.withdrawn("record_id, updated_at") == [("7", datetime(2024, 5, 3))]
        assert shop.events("record_id, updated_at") == [("7", datetime(2024, 5, 2))]

    def test_an_appending_source_withdraws_nothing(self, tmp_path: Path) -> None:
        self.shop(tmp_path)
        shop = Shop(tmp_path, {"select": "map.sql"})
        shop.send("a.csv", self.TEST)
        assert shop.withdrawn() == []


class TestDays:
    """A range of days once more: what is known is a duplicate, what was missed lands."""

    def test_a_file_of_such_a_day_is_read_again_for_what_a_mended_mapping_finds_in_it(self, tmp_path: Path) -> None:
        for day in (1, 2, 3):
            Shop(tmp_path).send(f"2024-05-0{day}.csv", f"what,seen,who,left\nview,2024-05-0{day},ann,2024-05-0{day}\n")
        more = {
            "events": {"view": {"occurred_at": "seen"}, "leave": {"occurred_at": "left"}},
            "fields": {"user_id": "who"},
        }
        shop = Shop(tmp_path, more)
        assert shop.land(days=(date(2024, 5, 2), date(2024, 5, 2))) == {"accepted": 1}
        assert [name for (name,) in shop.events("event_name")] == ["view", "view", "view", "leave"]

    def test_nothing_but_duplicates_is_no_entry(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("20240501.csv", HEAD + ANN)
        assert shop.land(days=(date(2024, 5, 1), date(2024, 5, 9))) == {}

    def test_a_file_without_a_day_in_its_name_is_of_the_day_it_changed(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        changed = datetime(2024, 5, 1, tzinfo=UTC).timestamp()
        os.utime(shop.put("a.csv", HEAD + ANN), (changed, changed))
        assert shop.land(days=(date(2024, 5, 2), date(2024, 5, 9))) == {}
        assert shop.land(days=(date(2024, 5, 1), date(2024, 5, 1))) == {"accepted": 1}


class TestMemory:
    """What landed before is known without opening every file of the past."""

    def test_a_copy_of_it_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(known, "COPY_AFTER_ENTRIES", 2)
        with_copy, without = Shop(tmp_path / "copy"), Shop(tmp_path / "none")
        for number in range(7):
            content = HEAD + "".join(f"view,2024-05-0{day},ann\n" for day in range(max(1, number - 2), number + 2))
            assert with_copy.send(f"{number}.csv", content + UNTOLD) == without.send(f"{number}.csv", content + UNTOLD)
            for path in (without.landing / ".known").rglob("*.parquet"):
                path.unlink()
        assert with_copy.entries() == without.entries()
        assert len([*(with_copy.landing / ".known/web").iterdir()]) == 1

    def test_a_copy_made_of_other_files_is_not_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(known, "COPY_AFTER_ENTRIES", 1)
        shop = Shop(tmp_path)
        shop.send("a.csv", HEAD + ANN)
        [copy] = (shop.landing / ".known/web").iterdir()
        empty = pq.read_table(copy).slice(0, 0)
        pq.write_table(empty, copy)
        copy.rename(copy.with_name("000001-0123456789abcdef.parquet"))
        assert shop.send("b.csv", HEAD + ANN) == {"duplicate landed_before": 1}


KILLED = """
import sys
from pathlib import Path
from tests.connectors.lands import Shop
from tests.connectors.test_landing_again import GERMAN
getattr(Shop(Path(sys.argv[1]), GERMAN), sys.argv[2])()
"""


@pytest.mark.parametrize("command", ["land_again", "replay"])
@pytest.mark.parametrize("point", ["L3", "L6", "L7", "L8"])
def test_killed_leaves_the_old_entries_or_the_new_ones_and_is_done_once_when_run_again(
    tmp_path: Path, point: str, command: str
) -> None:
    shop, unharmed = Shop(tmp_path / "shop", GERMAN), Shop(tmp_path / "unharmed", GERMAN)
    for each in (shop, unharmed):
        Shop(each.root).send("a.csv", HEAD + ANN + LATE)
    before = shop.entries()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(shop.root), command],
        env={**os.environ, "JOURNEYS_FAILPOINT": point},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    getattr(unharmed, command)()
    assert shop.entries() == (unharmed.entries() if point == "L8" else before)
    shop.land()
    if point != "L8":
        getattr(shop, command)()
    assert shop.entries() == unharmed.entries()
    assert sorted(path.name for path in shop.landing.rglob("*")) == sorted(
        path.name for path in unharmed.landing.rglob("*")
    )


RECORDS = st.lists(st.sampled_from("abcdefg"), max_size=12)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(RECORDS, min_size=1, max_size=4), order=st.randoms(use_true_random=False))
def test_any_order_of_the_same_files_gives_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]], order: random.Random
) -> None:
    shuffled = order.sample([*enumerate(files)], len(files))
    landed = []
    for deliveries in ([*enumerate(files)], shuffled):
        shop = Shop(tmp_path_factory.mktemp("shop"))
        for number, records in deliveries:
            shop.send(f"{number}.csv", HEAD + "".join(f"{record},2024-05-01,ann\n" for record in records))
        ids = shop.event_ids()
        assert len(ids) == len({*ids})
        assert shop.land() == {}
        shop.put("copy.csv", (shop.root / "in/0.csv").read_bytes())
        assert "accepted" not in shop.land()
        landed.append({*shop.events("event_id, event_name")})
    assert landed[0] == landed[1]
    most = Counter[str]()
    for records in files:
        most |= Counter(records)
    assert Counter(name for _, name in landed[0]) == most


@examples(10)
@given(ids=st.lists(st.integers(1, 9), min_size=1, max_size=20), cuts=st.sets(st.integers(1, 19), max_size=3))
def test_any_split_of_the_same_records_gives_the_same_events(
    tmp_path_factory: pytest.TempPathFactory, ids: list[int], cuts: set[int]
) -> None:
    keys: dict[str, Any] = {**CLICKS, "fields": {**CLICKS["fields"], "event_id": "id"}}
    split, whole = Shop(tmp_path_factory.mktemp("split"), keys), Shop(tmp_path_factory.mktemp("whole"), keys)
    rows = [f"{number},view,2024-05-0{number},ann\n" for number in ids]
    bounds = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    for number, (start, end) in enumerate(pairwise(bounds)):
        split.put(f"{number}.csv", "id,what,seen,who\n" + "".join(rows[start:end]))
    split.land()
    whole.send("all.csv", "id,what,seen,who\n" + "".join(rows))
    columns = "event_id, occurred_at, user_id, record_hash"
    assert {*split.events(columns)} == {*whole.events(columns)}
    assert len(split.events()) == len({*ids})
    assert sum(entry.n_records for entry in split.entries()) == len(ids)


def test_the_manifest_of_a_replay_is_one_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        Shop(tmp_path).send(f"{name}.csv", HEAD + LATE.replace("eve", name))
    commits: list[list[int]] = []
    commit = manifest.commit

    def counted(landing: Path, entries: Iterable[manifest.Entry]) -> None:
        listed = [*entries]
        commits.append([entry.load_seq for entry in listed])
        commit(landing, listed)

    monkeypatch.setattr(manifest, "commit", counted)
    Shop(tmp_path, GERMAN).replay()
    assert commits == [[1, 2, 3, 4]]
