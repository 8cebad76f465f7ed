"""A mapping from the columns of a file to events: times, amounts, constants, names, properties, or one SELECT."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from connectors.errors import ConnectorError
from connectors.files import Config
from tests.connectors.lands import CLICKS, Shop


def fill(tmp_path: Path, content: str | pa.Table, name: str = "a.csv", **fields: Any) -> Shop:
    """Land a file whose columns fill the fields given; `seen` is the time."""
    shop = Shop(tmp_path, {"event_name": "what", "fields": {"occurred_at": "seen", **fields}})
    shop.send(name, content)
    return shop


class TestTimes:
    def read(self, tmp_path: Path, written: str, **how: str) -> Any:
        """The instant in UTC that a written time becomes, or the reason why it is quarantined."""
        shop = Shop(tmp_path, {"event_name": "what", "fields": {"occurred_at": {"column": "seen", **how}}})
        shop.send("a.csv", f'what,seen\nview,"{written}"\n')
        landed, quarantined = shop.events("occurred_at"), shop.quarantine("reason")
        [[found]] = landed or quarantined
        return found.isoformat(" ") if isinstance(found, datetime) else found

    @pytest.mark.parametrize(
        ("written", "instant"),
        [
            ("2024-05-01", "2024-05-01 00:00:00"),
            ("2024-05-01 10:00", "2024-05-01 10:00:00"),
            ("2024-05-01T10:00:00.25", "2024-05-01 10:00:00.250000"),
            ("2024-05-01 10:00:00.123456789", "2024-05-01 10:00:00.123456"),
            ("2024-05-01T10:00:00Z", "2024-05-01 10:00:00"),
            ("2024-05-01t10:00:00z", "2024-05-01 10:00:00"),
            ("2024-05-01 10:00:00 UTC", "2024-05-01 10:00:00"),
            ("2024-05-01T10:00:00+02:00", "2024-05-01 08:00:00"),
            ("2024-05-01T10:00:00-0530", "2024-05-01 15:30:00"),
            ("2024-05-01 10:00:00+02", "2024-05-01 08:00:00"),
            ("2024-05-01 10:00:00 +0200", "2024-05-01 08:00:00"),
        ],
    )
    def test_iso(self, tmp_path: Path, written: str, instant: str) -> None:
        assert self.read(tmp_path, written) == instant

    @pytest.mark.parametrize(
        "written",
        [
            "yesterday",
            "2024-02-30",
            "2024-05-01 25:00",
            "2024-05-01 10:00:60",
            "01/05/2024",
            "20240501",
            "0000-00-00 00:00:00",
            "2024-05-01 10:00 PM",
            "2024-05-01 10:00 Europe/Berlin",
            "infinity",
            "epoch",
            "now",
            "1714557600",
            " ",
            "2024-05-01T10",
            "NaN",
            "2024-05-01 10:00 ",
        ],
    )
    def test_what_is_no_iso_time_is_never_guessed(self, tmp_path: Path, written: str) -> None:
        assert self.read(tmp_path, written) == "bad_time"

    @pytest.mark.parametrize(
        ("written", "instant"),
        [
            ("2024-01-15 10:00", "2024-01-15 09:00:00"),
            ("2024-05-01 10:00", "2024-05-01 08:00:00"),
            ("2024-05-01 10:00Z", "2024-05-01 10:00:00"),
        ],
    )
    def test_the_zone_of_a_time_that_says_none(self, tmp_path: Path, written: str, instant: str) -> None:
        assert self.read(tmp_path, written, zone="Europe/Berlin") == instant

    @pytest.mark.parametrize(
        ("zone", "written", "instant"),
        [
            ("Europe/Berlin", "2024-03-31 02:30", "2024-03-31 01:30:00"),
            ("Europe/Berlin", "2023-10-29 02:30", "2023-10-29 01:30:00"),
            ("America/New_York", "2024-03-10 02:30", "2024-03-10 07:30:00"),
            ("America/New_York", "2023-11-05 01:30", "2023-11-05 06:30:00"),
            ("Australia/Lord_Howe", "2023-10-01 02:15", "2023-09-30 15:45:00"),
            ("Australia/Lord_Howe", "2024-04-07 01:45", "2024-04-06 15:15:00"),
        ],
    )
    def test_a_local_time_that_is_twice_is_the_later_and_one_that_is_not_moves_on(
        self, tmp_path: Path, zone: str, written: str, instant: str
    ) -> None:
        assert self.read(tmp_path, written, zone=zone) == instant

    def test_the_zone_of_the_machine_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Pacific/Auckland")
        assert self.read(tmp_path, "2024-05-01 10:00") == "2024-05-01 10:00:00"

    @pytest.mark.parametrize(
        ("how", "written", "instant"),
        [
            ("unix", "1714557600", "2024-05-01 10:00:00"),
            ("unix", "1714557600.5", "2024-05-01 10:00:00.500000"),
            ("unix", "1.7145576e9", "2024-05-01 10:00:00"),
            ("unix_ms", "1714557600123", "2024-05-01 10:00:00.123000"),
            ("unix", "1714557600123", "time_unit"),
            ("unix_ms", "1714557600", "time_unit"),
            ("unix", "-1", "time_before_2000"),
            ("unix", "99999999999999999999999", "bad_time"),
            ("unix", "9300000000000000000", "bad_time"),
            ("unix", "-9300000000000", "bad_time"),
            ("unix", "nan", "bad_time"),
            ("unix", "2024-05-01", "bad_time"),
            ("%d.%m.%Y %H:%M", "01.05.2024 10:00", "2024-05-01 10:00:00"),
            ("%d.%m.%Y %H:%M", "2024-05-01 10:00", "bad_time"),
            ("%m/%d/%Y %I:%M %p", "05/01/2024 10:00 PM", "2024-05-01 22:00:00"),
            ("%Y%m%d", "20240501", "2024-05-01 00:00:00"),
        ],
    )
    def test_other_formats(self, tmp_path: Path, how: str, written: str, instant: str) -> None:
        assert self.read(tmp_path, written, format=how) == instant

    @pytest.mark.parametrize(
        ("pattern", "written", "instant"),
        [
            ("%d.%m.%Y %H:%M", "01.05.2024 10:00", "2024-05-01 08:00:00"),
            ("%d.%m.%Y %H:%M %z", "01.05.2024 10:00 -0500", "2024-05-01 15:00:00"),
            ("%d.%m.%Y %H:%M %Z", "01.05.2024 10:00 America/New_York", "2024-05-01 14:00:00"),
        ],
    )
    def test_a_pattern_is_read_in_the_zone_unless_the_text_tells_its_own(
        self, tmp_path: Path, pattern: str, written: str, instant: str
    ) -> None:
        assert self.read(tmp_path, written, format=pattern, zone="Europe/Berlin") == instant


class TestValues:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("12.5", "12.5000"),
            ("-3", "-3.0000"),
            ("1e3", "1000.0000"),
            (" 7 ", "7.0000"),
            ("0.00005", "0.0001"),
            ("99999999999999.9999", "99999999999999.9999"),
        ],
    )
    def test_amounts_are_decimals(self, tmp_path: Path, written: str, amount: str) -> None:
        assert fill(tmp_path, f"what,seen,total\nbuy,2024-05-01,{written}\n", amount="total").events("amount") == [
            (Decimal(amount),)
        ]

    @pytest.mark.parametrize("written", ["free", '"1,234.50"', "€5", "NaN", "inf", "1e400", "999999999999999"])
    def test_what_is_no_amount_is_quarantined(self, tmp_path: Path, written: str) -> None:
        assert fill(tmp_path, f"what,seen,total\nbuy,2024-05-01,{written}\n", amount="total").quarantine("reason") == [
            ("bad_amount",)
        ]

    @pytest.mark.parametrize(
        ("field", "written"),
        [
            ("rating", "good"),
            ("rating", "nan"),
            ("rating", "2024000100045"),
            ("rating_max", "1e400"),
            ("is_bot", "maybe"),
            ("sequence", "first"),
            ("sequence", "99999999999999999999"),
        ],
    )
    def test_nor_is_any_other_value_guessed(self, tmp_path: Path, field: str, written: str) -> None:
        assert fill(tmp_path, f"what,seen,x\nbuy,2024-05-01,{written}\n", **{field: "x"}).quarantine("reason") == [
            (f"bad_{field}",)
        ]

    def test_a_blank_value_is_none(self, tmp_path: Path) -> None:
        shop = fill(tmp_path, "what,seen,x,who\nbuy,2024-05-01,,\n", amount="x", user_id="who")
        assert shop.events("amount, user_id") == [(None, None)]

    def test_constants(self, tmp_path: Path) -> None:
        shop = fill(
            tmp_path,
            "what,seen\nbuy,2024-05-01\n",
            currency={"const": "GBP"},
            rating_max={"const": 5},
            is_bot={"const": False},
            amount={"const": 1.5},
            country={"const": True},
        )
        assert shop.events("currency, rating_max, is_bot, amount, country") == [
            ("GBP", 5.0, False, Decimal("1.5000"), "true")
        ]

    def test_a_constant_that_does_not_fit_its_field_quarantines_what_it_would_spoil(self, tmp_path: Path) -> None:
        assert fill(tmp_path, "what,seen\nbuy,2024-05-01\n", amount={"const": "free"}).quarantine("reason") == [
            ("bad_amount",)
        ]

    def test_events_are_ordered_by_line_unless_a_column_says_otherwise(self, tmp_path: Path) -> None:
        assert fill(tmp_path / "a", "what,seen\nx,2024-05-01\ny,2024-05-01\n").events("sequence") == [(2,), (3,)]
        assert fill(tmp_path / "b", "what,seen,n\nx,2024-05-01,9\ny,2024-05-01,8\n", sequence="n").events(
            "sequence"
        ) == [(9,), (8,)]

    def test_the_channel_of_the_source_fills_what_a_record_leaves_blank(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "channel": "web", "fields": {"occurred_at": "seen", "channel": "via"}})
        shop.send("a.csv", "what,seen,via\nx,2024-05-01,\ny,2024-05-01,app\n")
        assert shop.events("channel") == [("web",), ("app",)]


class TestNames:
    def test_a_list_of_names_is_passive(self, tmp_path: Path) -> None:
        shop = Shop(
            tmp_path, {"event_name": {"column": "what", "passive": ["shipped"]}, "fields": {"occurred_at": "seen"}}
        )
        shop.send("a.csv", "what,seen\nview,2024-05-01\nshipped,2024-05-02\n")
        assert shop.events("event_name, is_passive") == [("view", False), ("shipped", True)]

    def test_only_listed_columns_become_properties_and_in_that_order(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "properties": {"size": "b", "colour": "a"}})
        shop.send("a.csv", 'what,seen,who,a,b,c\nview,2024-05-01,ann,"r""ed",,secret\n')
        assert shop.events("properties") == [('{"size":null,"colour":"r\\"ed"}',)]

    def test_the_name_of_a_file_is_its_path_below_the_wildcard(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("2024/05/a.csv", "what,seen,who\nview,2024-05-01,ann\n")
        assert [entry.input for entry in shop.entries()] == ["2024/05/a.csv"]


class TestFormats:
    def test_gzip_is_read_as_what_it_holds(self, tmp_path: Path) -> None:
        assert fill(tmp_path / "a", "what,seen\nview,2024-05-01\n", "a.csv.gz").events("event_name") == [("view",)]
        assert fill(tmp_path / "b", '{"what": "view", "seen": "2024-05-01"}\n', "a.jsonl.gz").events("event_name") == [
            ("view",)
        ]

    def test_json_is_reached_into_by_dotted_paths(self, tmp_path: Path) -> None:
        line = '{"what": "buy", "seen": "2024-05-01", "user": {"id": 7, "tags": ["a"]}, "total": 12.50, "ok": false, "no": null}\n'
        shop = fill(
            tmp_path,
            line,
            "a.jsonl",
            user_id="user.id",
            amount="total",
            is_bot="ok",
            country="no",
            device_type="user.none.deeper",
        )
        assert shop.events("user_id, amount, is_bot, country, device_type") == [
            ("7", Decimal("12.5"), False, None, None)
        ]

    def test_a_json_array_lands_like_json_lines(self, tmp_path: Path) -> None:
        content = '\n [{"what": "view", "seen": "2024-05-01"},\n {"what": "buy", "seen": "2024-05-02"}]\n'.lstrip()
        assert fill(tmp_path, content, "a.json").events("event_name") == [("view",), ("buy",)]

    def test_parquet_keeps_its_types(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "what": pa.array(["buy"]).dictionary_encode(),
                "seen": pa.array([datetime(2024, 5, 1, 10)], pa.timestamp("ns", tz="Europe/Berlin")),
                "total": pa.array([Decimal("12.34")], pa.decimal128(20, 2)),
                "n": pa.array([7], pa.int32()),
                "stars": pa.array([4.5], pa.float64()),
                "bot": pa.array([False]),
                "who": pa.array([42], pa.int64()),
                "day": pa.array([19844], pa.date32()),
            }
        )
        shop = fill(
            tmp_path,
            table,
            "a.parquet",
            amount="total",
            sequence="n",
            rating="stars",
            is_bot="bot",
            user_id="who",
            received_at="day",
        )
        assert shop.events("occurred_at, amount, sequence, rating, is_bot, user_id, received_at") == [
            (datetime(2024, 5, 1, 10), Decimal("12.3400"), 7, 4.5, False, "42", datetime(2024, 5, 1))
        ]

    def test_the_raw_text_of_a_parquet_record_is_json_without_its_place(self, tmp_path: Path) -> None:
        shop = fill(tmp_path, pa.table({"what": ["buy"], "seen": ["soon"], "record": ["r"]}), "a.parquet")
        assert shop.quarantine() == [(1, "bad_time", '{"what":"buy","seen":"soon","record":"r"}')]

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
    def test_a_column_may_have_dots_in_its_name(self, tmp_path: Path, name: str) -> None:
        table = pa.table({"what": ["buy"], "seen": ["2024-05-01"], "user": ["no"], "user.id": ["ann"]})
        content = "what,seen,user,user.id\nbuy,2024-05-01,no,ann\n" if name == "a.csv" else table
        assert fill(tmp_path, content, name, user_id="user.id").events("user_id") == [("ann",)]

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
    def test_a_column_named_like_one_of_ours_gets_a_number(self, tmp_path: Path, name: str) -> None:
        columns = {"what": ["view"], "seen": ["2024-05-01"], "raw": ["x"], "fault": ["y"], "line_no": ["z"]}
        content = pa.table(columns) if name == "a.parquet" else "what,seen,raw,fault,line_no\nview,2024-05-01,x,y,z\n"
        shop = fill(tmp_path, content, name, user_id="raw_2", country="fault_2", device_type="line_no_2")
        assert shop.events("user_id, country, device_type") == [("x", "y", "z")]
        assert "names the column 'raw', which the file does not have; did you mean 'raw_2'?" in Shop(
            tmp_path, {**CLICKS, "fields": {"occurred_at": "seen", "user_id": "raw"}}
        ).refusal("b.csv", "what,seen,raw\nview,2024-05-01,x\n")


class TestSelect:
    SELECT = "SELECT line_no, raw AS identity, what AS event_name, CAST(seen AS TIMESTAMP) AS occurred_at, upper(who) AS user_id FROM records"
    CLICK = "what,seen,who\nview,2024-05-01,ann\n"

    def shop(self, root: Path, select: str | None) -> Shop:
        if select is not None:
            (root / "map.sql").write_text(select)
        return Shop(root, {"select": "map.sql"})

    def test_maps_the_records_by_one_statement(self, tmp_path: Path) -> None:
        shop = self.shop(tmp_path, self.SELECT + ";\n-- that is all\n")
        assert shop.send("a.csv", self.CLICK) == {"accepted": 1}
        assert shop.events() == [("view", "ANN")]

    @pytest.mark.parametrize(
        ("select", "said"),
        [
            (
                "SELECT line_no FROM recods",
                "`select` does not fit the file (Catalog Error: Table with name recods does not exist!)",
            ),
            (
                "SELECT line_no, whn FROM records",
                '`select` does not fit the file (Binder Error: Referenced column "whn" not found',
            ),
            ("SELEC 1", "`select` does not fit the file (Parser Error: syntax error"),
            ("SELECT 1 AS line_no; DROP VIEW records", "`select` must hold one SELECT from records and nothing else"),
            ("DROP VIEW records", "`select` must hold one SELECT"),
            ("", "`select` must hold one SELECT"),
            ("-- later", "`select` must hold one SELECT"),
            ("COPY (SELECT 1) TO 'landing/x.csv'", "`select` must hold one SELECT"),
            ("SELECT line_no, what AS event_name FROM records", "the mapping to events gives no column occurred_at"),
            (
                SELECT.replace("user_id", "usr_id"),
                "the mapping to events gives the column 'usr_id', which no event has; did you mean 'user_id'?",
            ),
            ("SELECT * FROM read_csv('/etc/hostname')", "cannot be landed (Permission Error"),
        ],
    )
    def test_what_is_wrong_with_it_is_said(self, tmp_path: Path, select: str, said: str) -> None:
        assert f"sources.web: a.csv{' ' if said.startswith('cannot') else ': '}{said}" in self.shop(
            tmp_path, select
        ).refusal("a.csv", self.CLICK)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(
            ConnectorError, match=f"`select` names map.sql, which cannot be read in {tmp_path}; put the SELECT there"
        ):
            self.shop(tmp_path, None).send("a.csv", self.CLICK)

    def test_an_empty_file_has_no_columns_and_no_events(self, tmp_path: Path) -> None:
        assert self.shop(tmp_path, self.SELECT).send("a.csv", "") == {}

    def test_changing_it_makes_what_has_landed_out_of_date(self, tmp_path: Path) -> None:
        hashes = set()
        for number, select in enumerate([self.SELECT, self.SELECT.replace("upper", "lower")]):
            shop = self.shop(tmp_path, select)
            shop.send(f"{number}.csv", f"what,seen,who\nview,2024-05-0{number + 1},ann\n")
            hashes |= {entry.landing_hash for entry in shop.entries()}
        assert len(hashes) == 2


class TestConfig:
    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({}, "give exactly one of `events`, `event_name` and `select`"),
            ({"event_name": "a", "select": "b.sql"}, "give exactly one of"),
            ({"select": "b.sql", "fields": {"user_id": "who"}}, "`select` maps everything by itself"),
            ({"event_name": "a"}, "`fields` has no `occurred_at`"),
            ({"events": {"placed": {"user_id": "who"}}}, "events.placed has no `occurred_at`"),
            (
                {"event_name": "a", "fields": {"occured_at": "t"}},
                "unknown field 'occured_at'; did you mean 'occurred_at'?",
            ),
            ({"events": {"placed": {"occurred_at": "t", "pasive": True}}}, "unknown field 'pasive'"),
            ({"events": {"placed": {"occurred_at": "t", "passive": "false"}}}, "`passive` takes true or false"),
            (
                {"event_name": "a", "fields": {"occurred_at": "t", "is_bot": True}},
                "`is_bot` takes a column, or a constant like {const: true}",
            ),
            (
                {"event_name": "a", "fields": {"occurred_at": {"column": "t", "zone": "Europe/Belin"}}},
                "'Europe/Belin' is no time zone; did you mean 'Europe/Berlin'?",
            ),
            (
                {"event_name": "a", "fields": {"occurred_at": {"column": "t", "format": "isoo"}}},
                "'isoo' is no format of times; write iso, unix, unix_ms, or",
            ),
            (
                {"event_name": "a", "fields": {"occurred_at": {"column": "t", "format": "%Y-%Q"}}},
                "has the directive %Q, which is none",
            ),
        ],
    )
    def test_what_is_wrong_is_said_before_anything_lands(self, keys: dict[str, Any], said: str) -> None:
        with pytest.raises(ValidationError) as caught:
            Config.model_validate({"path": "x.csv", **keys})
        [problem] = caught.value.errors()
        assert said in problem["msg"]

    @pytest.mark.parametrize(
        "keys",
        [
            {"event_name": "a", "fields": {"occurred_at": {"column": "t", "formatt": "iso"}}},
            {"event_name": "a", "fields": {"occurred_at": {"colum": "t"}}},
            {"event_name": "a", "fields": {"occurred_at": ["t"]}},
        ],
    )
    def test_one_mistake_is_not_told_once_for_every_form_a_value_may_have(self, keys: dict[str, Any]) -> None:
        with pytest.raises(ValidationError) as caught:
            Config.model_validate({"path": "x.csv", **keys})
        assert {problem["loc"][:2] for problem in caught.value.errors()} == {("fields", "occurred_at")}
        assert len(caught.value.errors()) <= 2


class TestDelimiters:
    """What stands between the values of a CSV is a comma, or what the source says."""

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_are_read_as_the_source_says(self, tmp_path: Path, delimiter: str) -> None:
        shop = Shop(tmp_path, {**CLICKS, "delimiter": delimiter})
        lines = ["what;seen;who", 'view;2024-05-01;"ann; of Kiel, D"', "buy;2024-05-02;bob"]
        assert shop.send("a.csv", "\n".join(lines).replace(";", delimiter)) == {"accepted": 2}
        assert shop.events() == [("view", f"ann{delimiter} of Kiel, D"), ("buy", "bob")]

    @pytest.mark.parametrize(
        ("delimiter", "written"), [(";", 'delimiter: ";"'), ("\t", r'delimiter: "\t"'), ("|", 'delimiter: "|"')]
    )
    def test_one_that_was_not_said_is_told(self, tmp_path: Path, delimiter: str, written: str) -> None:
        shop = Shop(tmp_path)
        refusal = shop.refusal("a.csv", "what;seen;who;price, net\nview;2024-05-01;ann;1,5\n".replace(";", delimiter))
        assert "does not have" in refusal
        assert f"write `{written}` beside `path`" in refusal

    def test_one_that_was_said_and_is_not_there_is_told(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "delimiter": ";"})
        assert 'write `delimiter: ","`' in shop.refusal("a.csv", "what,seen,who\nview,2024-05-01,ann\n")

    def test_a_select_is_told_of_it_too(self, tmp_path: Path) -> None:
        (tmp_path / "clicks.sql").write_text("SELECT line_no, what AS event_name, seen AS occurred_at FROM records")
        shop = Shop(tmp_path, {"select": "clicks.sql"})
        assert 'write `delimiter: ";"`' in shop.refusal("a.csv", "what;seen\nview;2024-05-01\n")

    def test_a_column_that_is_not_there_is_no_matter_of_delimiters(self, tmp_path: Path) -> None:
        assert "delimiter" not in Shop(tmp_path).refusal("a.csv", "what,seen,whom; to whom\nview,2024-05-01,ann\n")

    def test_what_is_none_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="a delimiter is one of"):
            Config.model_validate({"path": "x.csv", "delimiter": "tab", **CLICKS})


def test_a_path_starts_at_the_workspace_or_at_an_environment_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DATA", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("what,seen,who\nview,2024-05-01,ann\n")
    shop = Shop(tmp_path / "shop", {**CLICKS, "path": "${SHOP_DATA}/*.csv"})
    shop.root.mkdir()
    assert shop.land() == {"accepted": 1}
