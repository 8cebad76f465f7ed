"""Bad input: what exactly becomes of it, or the sentence that says what is wrong, where, and what to do."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError, SourceUnavailable
from tests.connectors.lands import CLICKS, Shop
from tests.examples import examples

HEAD = "what,seen,who\n"
GOOD = "view,2024-05-01,ann\n"
LINE = '{"what": "view", "seen": "2024-05-01", "who": "ann"}\n'


class TestJsonLines:
    """Each file: a good line, the bad one, a good one; the bad one costs itself."""

    @pytest.mark.parametrize(
        "bad",
        [
            pytest.param(b'["view", "2024-05-01"]', id="array"),
            pytest.param(b"7", id="number"),
            pytest.param(b'"view"', id="string"),
            pytest.param(b"null", id="null"),
            pytest.param(b'{"what": "view", "seen": "2024-0', id="truncated"),
            pytest.param(b'{"what": "view",,}', id="two commas"),
            pytest.param(b'{what: "view"}', id="key without quotes"),
            pytest.param(b"{'what': 'view'}", id="single quotes"),
            pytest.param(b'{"n": 01}', id="leading zero"),
            pytest.param(b'{"n": tru}', id="misspelt literal"),
            pytest.param(b'{"what": "vi\tew"}', id="control character"),
            pytest.param(b'{"what": "vi\x00ew"}', id="NUL"),
            pytest.param(b'{"what": "\\ud800"}', id="lone surrogate"),
            pytest.param(b'{"what": "\\x41"}', id="unknown escape"),
            pytest.param(b'{"a": 1}{"b": 2}', id="two objects"),
            pytest.param(b'{"a": 1} // note', id="comment"),
            pytest.param(b'\xef\xbb\xbf{"a": 1}', id="byte order mark in the middle"),
            pytest.param(b"{" * 60, id="never closed"),
            pytest.param(b"<html>", id="markup"),
            pytest.param(b"view,2024-05-01,ann", id="CSV"),
        ],
    )
    def test_that_is_no_object_is_quarantined(self, tmp_path: Path, bad: bytes) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", LINE.encode() + bad + b"\n" + LINE.encode()) == {
            "accepted": 2,
            "quarantined bad_json": 1,
        }
        assert shop.quarantine() == [(2, "bad_json", bad.decode())]

    @pytest.mark.parametrize("who", ['{"a": 1}', "[1]", "[]", "{}"])
    @pytest.mark.parametrize("field", ["who", "what"])
    def test_that_has_an_object_where_a_value_is_mapped_is_quarantined(
        self, tmp_path: Path, field: str, who: str
    ) -> None:
        shop = Shop(tmp_path)
        bad = LINE.replace({"who": '"ann"', "what": '"view"'}[field], who)
        assert shop.send("a.jsonl", LINE + bad + LINE.replace("ann", "{bob}")) == {
            "accepted": 2,
            "quarantined wrong_shape": 1,
        }

    def test_that_is_no_utf8_is_quarantined_escaped(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", LINE.encode() + '{"who": "André"}'.encode("latin-1")) == {
            "accepted": 1,
            "quarantined not_utf8": 1,
        }
        assert shop.quarantine() == [(2, "not_utf8", '{"who": "Andr\\xe9"}')]

    @pytest.mark.parametrize(
        ("odd", "who"),
        [
            pytest.param('"who": "ann", "who": "bob"', "ann", id="duplicate keys: the first wins"),
            pytest.param('"who": NaN', "NaN", id="NaN in a text is text"),
            pytest.param('"who": 1e400', "1e400", id="a number too large is its text"),
            pytest.param('"who": "ann", "x": ' + '{"a":' * 63 + "1" + "}" * 63, "ann", id="nested 64 deep"),
            pytest.param('"who": "' + "[" * 200 + '"', "[" * 200, id="brackets in a text"),
            pytest.param('"who": "\\ud83d\\ude00"', "\U0001f600", id="surrogate pair"),
            pytest.param('"Who": "ann"', None, id="keys are case sensitive"),
            pytest.param('"who": "ann",', "ann", id="trailing comma"),
        ],
    )
    def test_that_is_odd_yet_an_object_lands(self, tmp_path: Path, odd: str, who: str | None) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", f'{{"what": "view", "seen": "2024-05-01", {odd}}}\n') == {"accepted": 1}
        assert shop.events("user_id") == [(who,)]

    def test_nested_more_than_64_deep_is_quarantined(self, tmp_path: Path) -> None:
        deep = LINE.replace('"ann"', "[" * 64 + "1" + "]" * 64)
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", deep + LINE) == {"accepted": 1, "quarantined too_deep": 1}
        assert shop.quarantine() == [(1, "too_deep", deep.strip())]

    def test_of_seventeen_megabytes_is_quarantined_cut(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.jsonl", LINE + LINE.replace("ann", "a" * 17_000_000) + LINE) == {
            "accepted": 2,
            "quarantined line_too_long": 1,
        }
        [(line_no, reason, raw)] = shop.quarantine()
        assert (line_no, reason) == (2, "line_too_long")
        assert raw.startswith(LINE[: LINE.index("ann")])
        assert len(raw) < 11_000


class TestCsv:
    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ("view,2024-05-01", "wrong_number_of_columns"),
            ("view,2024-05-01,ann,7", "wrong_number_of_columns"),
            ('view,2024-05-01,"ann', "broken_quote"),
            ('view,2024-05-01,"a"nn', "broken_quote"),
            ("view,2024-05-01,a\rnn", "broken_quote"),
            ("view,soon,ann", "bad_time"),
            (",2024-05-01,ann", "no_event_name"),
            ("view,1970-01-01,ann", "time_before_2000"),
        ],
    )
    def test_one_bad_line_costs_itself(self, tmp_path: Path, bad: str, reason: str) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.csv", HEAD + GOOD + bad + "\n" + GOOD) == {"accepted": 2, f"quarantined {reason}": 1}
        assert shop.quarantine() == [(3, reason, bad)]

    def test_an_unclosed_quote_in_the_middle_swallows_nothing(self, tmp_path: Path) -> None:
        rows = [f"view,2024-05-01,u{n}\n" for n in range(20_000)]
        rows[5_000] = 'view,2024-05-01,"u5000\n'
        assert Shop(tmp_path).send("a.csv", HEAD + "".join(rows)) == {"accepted": 19_999, "quarantined broken_quote": 1}

    def test_windows_line_ends_and_a_byte_order_mark_change_nothing(self, tmp_path: Path) -> None:
        plain, windows = Shop(tmp_path / "plain"), Shop(tmp_path / "windows")
        plain.send("a.csv", HEAD + GOOD)
        windows.send("a.csv", b"\xef\xbb\xbf" + (HEAD + GOOD).replace("\n", "\r\n").encode())
        assert plain.event_ids() == windows.event_ids()

    def test_latin_1_is_quarantined_not_guessed(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.csv", (HEAD + GOOD + "view,2024-05-01,André\n").encode("latin-1")) == {
            "accepted": 1,
            "quarantined not_utf8": 1,
        }

    def test_nul_bytes_are_kept(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        assert shop.send("a.csv", HEAD + "view,2024-05-01,a\x00nn\n") == {"accepted": 1}
        assert shop.events("user_id") == [("a\x00nn",)]

    def test_of_two_columns_with_one_name_each_is_reached(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "fields": {"occurred_at": "seen", "user_id": "who", "device_id": "WHO_2"}})
        shop.send("a.csv", "what,seen,who,WHO\nview,2024-05-01,ann,d1\n")
        assert shop.events("user_id, device_id") == [("ann", "d1")]

    def test_another_order_of_columns_is_another_record_of_the_same_event(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.send("a.csv", "who,seen,what\nann,2024-05-01,view\n")
        assert shop.events() == [("view", "ann")]

    def test_a_column_that_is_not_there_is_named_with_its_nearest(self, tmp_path: Path) -> None:
        said = Shop(tmp_path).refusal("a.csv", "what,seen,whom\nview,2024-05-01,ann\n")
        assert said == (
            "sources.web: a.csv: the mapping names the column 'who', which the file does not have; did you mean 'whom'? "
            "Its columns: what, seen, whom."
        )

    def test_another_separator_is_told_by_the_columns_it_makes(self, tmp_path: Path) -> None:
        assert "Its columns: what;seen;who." in Shop(tmp_path).refusal("a.csv", "what;seen;who\nview;2024-05-01;ann\n")

    def test_a_header_with_a_broken_quote_is_refused(self, tmp_path: Path) -> None:
        assert "a.csv: the header line has a broken quote" in Shop(tmp_path).refusal(
            "a.csv", 'what,"seen,who\nview,2024-05-01,ann\n'
        )


class TestEmpty:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", ""),
            ("a.csv", "\n\n"),
            ("a.csv", HEAD),
            ("a.csv", HEAD.rstrip()),
            ("a.csv", "\ufeff"),
            ("a.jsonl", ""),
            ("a.jsonl", "\n \n"),
            ("a.json", "[]"),
            ("a.csv.gz", ""),
            ("a.jsonl.gz", ""),
        ],
    )
    def test_a_file_without_records_lands_and_is_empty(self, tmp_path: Path, name: str, content: str) -> None:
        shop = Shop(tmp_path)
        assert shop.send(name, content) == {}
        [entry] = shop.entries()
        assert (entry.n_records, entry.ledger, entry.events, entry.quarantine) == (0, (), None, None)
        assert shop.land() == {}
        assert len(shop.entries()) == 1

    def test_so_does_a_parquet_without_rows(self, tmp_path: Path) -> None:
        text = pa.array([], pa.string())
        assert Shop(tmp_path).send("a.parquet", pa.table({"what": text, "seen": text, "who": text})) == {}

    def test_a_header_that_lacks_a_mapped_column_is_refused_even_so(self, tmp_path: Path) -> None:
        assert "names the column 'who'" in Shop(tmp_path).refusal("a.csv", "what,seen\n")


class TestParquet:
    @pytest.fixture
    def whole(self, tmp_path: Path) -> bytes:
        path = tmp_path / "whole.parquet"
        pq.write_table(
            pa.table({"what": ["view"] * 1000, "seen": ["2024-05-01"] * 1000, "who": [f"u{n}" for n in range(1000)]}),
            path,
        )
        return path.read_bytes()

    @pytest.mark.parametrize("keep", [0, 3, 100, 0.5, -1, -8])
    def test_cut_short_is_refused(self, tmp_path: Path, whole: bytes, keep: float) -> None:
        said = Shop(tmp_path).refusal("a.parquet", whole[: int(len(whole) * keep) if 0 < keep < 1 else int(keep)])
        assert said.startswith("sources.web: a.parquet cannot be landed (Invalid Input Error: ")
        assert said.endswith("mend that and land again. What landed before is untouched.")

    def test_something_else_under_its_name_is_refused(self, tmp_path: Path) -> None:
        assert "a.parquet cannot be landed" in Shop(tmp_path).refusal("a.parquet", HEAD + GOOD)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
    def test_with_a_flipped_bit_it_is_refused_or_balances(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        whole: bytes,
        place: float,
        bit: int,
    ) -> None:
        damaged = bytearray(whole)
        damaged[int(place * len(whole))] ^= 1 << bit
        balances(Shop(tmp_path_factory.mktemp("shop")), "a.parquet", bytes(damaged))

    def test_a_column_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        said = Shop(tmp_path).refusal(
            "a.parquet", pa.table({"what": ["view"], "seen": ["2024-05-01"], "user": ["ann"]})
        )
        assert "names the column 'who', which the file does not have" in said

    def test_a_broken_clock_costs_its_own_row(self, tmp_path: Path) -> None:
        times = pa.array([datetime(1970, 1, 1), datetime(2024, 5, 1), datetime(9999, 1, 1), None], pa.timestamp("us"))
        assert Shop(tmp_path).send(
            "a.parquet", pa.table({"what": ["view"] * 4, "seen": times, "who": ["ann"] * 4})
        ) == {
            "accepted": 1,
            "filtered no_time": 1,
            "quarantined time_before_2000": 1,
            "quarantined time_in_future": 1,
        }

    def test_a_name_with_a_wildcard_is_refused(self, tmp_path: Path, whole: bytes) -> None:
        assert "in/a[1].parquet has one of * ? [ in its name" in Shop(tmp_path).refusal("a[1].parquet", whole)


class TestGzip:
    @pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
    @pytest.mark.parametrize("damage", ["cut", "plain"])
    def test_cut_short_or_not_gzip_is_refused(self, tmp_path: Path, name: str, damage: str) -> None:
        shop = Shop(tmp_path)
        path = shop.put(name, "")
        path.write_bytes(gzip.compress(HEAD.encode() * 100)[:-8] if damage == "cut" else HEAD.encode())
        with pytest.raises(
            ConnectorError,
            match=f"sources.web: {name}: the file is cut short or is not gzip; fetch it again and land again",
        ):
            shop.land()


class TestPaths:
    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path, {**CLICKS, "path": "in/*.csv"})
        (tmp_path / "in" / "x.csv").mkdir(parents=True)
        with pytest.raises(
            SourceUnavailable, match=r"sources.web: No file matches 'in/\*.csv' \(looked in .*/in\); put one there"
        ):
            shop.land()
        assert shop.send("a.csv", HEAD + GOOD) == {"accepted": 1}

    def test_an_unset_variable_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SHOP_DATA", raising=False)
        for path in ("$SHOP_DATA/*.csv", "${SHOP_DATA}/*.csv"):
            with pytest.raises(
                SourceUnavailable,
                match=r"sources.web: The environment variable SHOP_DATA in the path .* is not set; export it",
            ):
                Shop(tmp_path, {**CLICKS, "path": path}).land()

    def test_an_unknown_ending_is_named(self, tmp_path: Path) -> None:
        assert "sources.web: a.txt: the name does not tell the format; known endings: .csv," in Shop(tmp_path).refusal(
            "a.txt", HEAD
        )

    def test_a_file_that_may_not_be_read_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: Path) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("connectors.inputs.sha256_of", refuse)
        assert "in/a.csv cannot be read (Permission denied); see who may read it and run again" in Shop(
            tmp_path
        ).refusal("a.csv", HEAD)

    def test_a_good_file_before_a_bad_one_stays_landed(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        shop.put("a.csv", HEAD + GOOD)
        shop.put("b.parquet", b"")
        with pytest.raises(ConnectorError, match=r"b\.parquet"):
            shop.land()
        assert shop.events() == [("view", "ann")]
        (tmp_path / "in" / "b.parquet").unlink()
        assert shop.land() == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["what", "seen", "who", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


class TestAnyBytes:
    """Whatever arrives: the ledger balances, or one of our sentences says why nothing landed."""

    @examples(40)
    @given(
        st.lists(
            st.one_of(
                st.just(GOOD.encode()),
                st.text(alphabet='viewan,"\r\n2024-05 é', max_size=30).map(str.encode),
                st.binary(max_size=20),
                st.just(b'view,2024-05-01,"ann\n'),
                st.just(b"view,2024-05-01\n"),
            ),
            max_size=12,
        )
    )
    def test_csv(self, tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
        balances(Shop(tmp_path_factory.mktemp("shop")), "a.csv", HEAD.encode() + b"".join(parts))

    @examples(40)
    @given(
        st.lists(
            st.one_of(
                st.just(LINE.encode()),
                st.binary(max_size=20).map(lambda line: line + b"\n"),
                JSON.map(lambda value: json.dumps(value).encode() + b"\n"),
            ),
            max_size=12,
        )
    )
    def test_json_lines(self, tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
        shop = Shop(tmp_path_factory.mktemp("shop"))
        fates = balances(shop, "a.jsonl", b"".join(lines))
        if fates is not None and not (lines and lines[0].lstrip().startswith(b"[")):
            assert sum(fates.values()) == len([line for line in b"".join(lines).split(b"\n") if line.strip()])


def balances(shop: Shop, name: str, content: bytes) -> dict[str, int] | None:
    """Land any bytes; the fates (Shop.land proves that they balance), or None when they were refused."""
    shop.put(name, content)
    try:
        return shop.land()
    except ConnectorError as error:
        assert shop.entries() == () and str(error).startswith("sources.web: ")  # noqa: PT017, PT018
        return None
