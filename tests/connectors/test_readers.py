"""Files are read record by record: a bad one costs itself, and no line is lost."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import csv_records as csv_records_module
from connectors import readers
from connectors.csv_records import column_names, csv_records
from connectors.engine import connect
from connectors.errors import SourceChanged
from connectors.readers import load_file


def load(tmp_path: Path, name: str, content: bytes) -> list[tuple[Any, ...]]:
    path = tmp_path / name
    path.write_bytes(content)
    con = connect(allowed=[path])
    try:
        return load_file(con, path).fetchall()
    finally:
        con.close()


class TestCsvRecords:
    def fields(self, text: str) -> list[tuple[int, list[str] | None]]:
        return [(line_no, fields) for line_no, _, fields in csv_records(text.splitlines(keepends=True))]

    def test_a_quoted_field_may_hold_commas_quotes_and_line_ends(self) -> None:
        assert self.fields('1,"a, ""b""\nc"\n2,d\n') == [(1, ["1", 'a, "b"\nc']), (3, ["2", "d"])]

    def test_blank_lines_are_no_records(self) -> None:
        assert self.fields("\n1,a\n\n\r\n2,b\n") == [(2, ["1", "a"]), (5, ["2", "b"])]

    def test_an_unclosed_quote_costs_its_own_line(self) -> None:
        assert self.fields('1,a\n2,"b\n3,c\n4,d\n') == [(1, ["1", "a"]), (2, None), (3, ["3", "c"]), (4, ["4", "d"])]

    def test_a_quote_closed_in_the_wrong_place_costs_its_own_line(self) -> None:
        assert self.fields('1,"a"b\n2,"c" \n3,d\n') == [(1, None), (2, None), (3, ["3", "d"])]

    def test_a_record_that_never_ends_is_given_up_after_many_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(csv_records_module, "MAX_LINES_PER_RECORD", 3)
        assert self.fields('"a\nb\nc\nd\n"\n') == [(1, None), (2, ["b"]), (3, ["c"]), (4, ["d"]), (5, None)]

    def test_a_thousand_broken_lines_are_a_thousand_faults(self) -> None:
        assert self.fields('x,"y\n' * 1000) == [(n + 1, None) for n in range(1000)]

    @given(
        st.lists(
            st.text(alphabet='a",\r\n é', max_size=12).map(lambda text: text.replace("\n", "") + "\n"), max_size=30
        )
    )
    def test_no_line_is_lost_and_none_is_read_twice(self, lines: list[str]) -> None:
        texts = "\n".join(raw for _, raw, _ in csv_records(lines))
        given_, read = ([line.strip("\r\n") for line in text.split("\n")] for text in ("".join(lines), texts))
        assert [line for line in read if line] == [line for line in given_ if line]

    @given(st.lists(st.lists(st.text(alphabet='a",;\n é', max_size=5), min_size=2, max_size=3), max_size=10))
    def test_what_a_spreadsheet_writes_is_read_back(self, rows: list[list[str]]) -> None:
        quoted = [",".join('"' + value.replace('"', '""') + '"' for value in row) + "\r\n" for row in rows]
        lines = "".join(quoted).splitlines(keepends=True) if quoted else []
        assert [fields for _, _, fields in csv_records(lines)] == rows


class TestColumnNames:
    def test_a_name_met_again_in_any_case_gets_a_number_that_is_free(self) -> None:
        assert column_names(["a", "a_3", "A", "a", "a_2"]) == ["a", "a_3", "A_2", "a_4", "a_2_2"]

    def test_a_blank_name_is_called_column(self) -> None:
        assert column_names(["", " ", "id "]) == ["column", "column_2", "id"]

    @given(st.lists(st.sampled_from(["a", "A", "a_2", "raw", "RAW", "line_no", "", " a", "ä", "Ä"]), max_size=12))
    def test_names_are_always_distinct_and_never_ours(self, header: list[str]) -> None:
        names = [name.lower() for name in column_names(header)]
        assert len({*names}) == len(header)
        assert not {*names} & {"line_no", "raw", "fault"}


class TestCsv:
    def test_values_are_text_and_a_blank_is_none(self, tmp_path: Path) -> None:
        assert load(tmp_path, "a.csv", b"id,note\n1,\n") == [(2, "1,", None, "1", None)]

    def test_bytes_that_are_not_utf8_are_kept_escaped(self, tmp_path: Path) -> None:
        assert load(tmp_path, "a.csv", b"id,note\n1,caf\xe9\n2,caf\xc3\xa9\n") == [
            (2, "1,caf\\xe9", "not_utf8", None, None),
            (3, "2,café", None, "2", "café"),
        ]

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b'\xef\xbb\xbf"id",note\r\n1,x\r\n')
        con = connect(allowed=[path])
        assert load_file(con, path).columns == ["line_no", "raw", "fault", "id", "note"]
        con.close()

    def test_lines_that_end_in_cr_alone_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SourceChanged, match="the lines do not end in LF or CRLF"):
            load(tmp_path, "a.csv", b"id,note\r1,x\r")

    def test_more_records_than_one_batch_keep_their_lines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(readers, "BATCH", 7)
        rows = load(tmp_path, "a.csv", b"id\n" + b"".join(b"%d\n" % n for n in range(50)))
        assert [(line_no, value) for line_no, _, _, value in rows] == [(n + 2, str(n)) for n in range(50)]


class TestJson:
    def test_numbers_keep_their_digits(self, tmp_path: Path) -> None:
        assert load(tmp_path, "a.jsonl", b' {"id": 12345678901234567890123, "x": 1.10}\n') == [
            (1, '{"id": 12345678901234567890123, "x": 1.10}', None)
        ]

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
    def test_an_array_is_read_by_element(self, tmp_path: Path, start: bytes) -> None:
        content = start + json.dumps([{"a": 1}, {"b": [2]}, 3], indent=2).encode()
        assert load(tmp_path, "a.json", content) == [
            (1, '{"a": 1}', None),
            (2, '{"b": [2]}', None),
            (3, "3", "bad_json"),
        ]

    @pytest.mark.parametrize("content", [b'[{"a": 1}', b'[{"a": 1}]\n{"b": 2}\n', b"[" * 100_000, b'[{"a": "\xe9"}]'])
    def test_an_array_that_is_none_is_refused(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(
            SourceChanged, match="begins like a JSON array and is none; write one JSON object per line instead"
        ):
            load(tmp_path, "a.json", content)

    def test_more_lines_than_one_batch_keep_their_numbers(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(readers, "BATCH", 7)
        rows = load(tmp_path, "a.jsonl", b'{"a": 1}\n\n' * 20)
        assert [line_no for line_no, _, _ in rows] == list(range(1, 40, 2))


class TestGzip:
    @pytest.mark.parametrize("n_lines", [10, 120_000])
    def test_a_file_cut_short_anywhere_is_refused_whole(self, tmp_path: Path, n_lines: int) -> None:
        content = gzip.compress(b"id\n" + b"".join(b"%d\n" % n for n in range(n_lines)), mtime=0)
        with pytest.raises(SourceChanged, match="the file is cut short or is not gzip; fetch it again and land again"):
            load(tmp_path, "a.csv.gz", content[:-9])

    def test_what_is_not_gzip_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SourceChanged, match="is not gzip"):
            load(tmp_path, "a.jsonl.gz", b'{"a": 1}\n')

    def test_damaged_bytes_are_refused(self, tmp_path: Path) -> None:
        content = bytearray(gzip.compress(b"id\n" * 1000, mtime=0))
        content[20] ^= 0xFF
        with pytest.raises(SourceChanged, match="is cut short or is not gzip"):
            load(tmp_path, "a.csv.gz", bytes(content))


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        SourceChanged,
        match=r"the name does not tell the format; known endings: \.csv, \.jsonl, \.ndjson, \.json, \.parquet",
    ):
        load(tmp_path, "a.xlsx", b"")
