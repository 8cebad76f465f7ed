"""The key of a workspace, and what it makes of e-mail addresses and phone numbers."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError
from connectors.keys import key_id, make_key, normal_email, normal_phone, pseudonym, read_key

KEY, OTHER = bytes(32), bytes([1] * 32)


class TestKey:
    def test_is_random_secret_and_made_once(self, tmp_path: Path) -> None:
        assert make_key(tmp_path / "a.key")
        assert make_key(tmp_path / "b.key")
        assert read_key(tmp_path / "a.key") != read_key(tmp_path / "b.key")
        assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
        before = read_key(tmp_path / "a.key")
        assert not make_key(tmp_path / "a.key")
        assert read_key(tmp_path / "a.key") == before

    def test_is_none_where_there_is_no_file(self, tmp_path: Path) -> None:
        assert read_key(tmp_path / "journeys.key") is None

    @pytest.mark.parametrize("content", [b"", b"xyz", b"00" * 31, b"00" * 33, b"\xff\xfe", b"0x" + b"00" * 32])
    def test_that_is_damaged_is_refused_and_not_told(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "journeys.key").write_bytes(content)
        with pytest.raises(
            ConnectorError, match=r"journeys.key does not hold a key of 32 bytes in hexadecimal; restore it"
        ) as caught:
            read_key(tmp_path / "journeys.key")
        assert "xyz" not in str(caught.value)

    def test_is_named_without_being_told(self) -> None:
        assert key_id(KEY) != key_id(OTHER)
        assert len(key_id(KEY)) == 8


class TestPseudonyms:
    @given(st.text(), st.text())
    def test_are_equal_for_equal_values_alone(self, one: str, other: str) -> None:
        assert (pseudonym(KEY, "email", one) == pseudonym(KEY, "email", other)) == (one == other)

    @given(st.text(min_size=1))
    def test_depend_on_the_key_and_on_the_kind(self, value: str) -> None:
        assert (
            len({pseudonym(KEY, "email", value), pseudonym(OTHER, "email", value), pseudonym(KEY, "phone", value)}) == 3
        )


class TestSpellings:
    @pytest.mark.parametrize(
        ("written", "normal"),
        [
            ("Ann@Example.ORG", "ann@example.org"),
            ("\t ann@example.org\n", "ann@example.org"),
            ("STRASSE@x.example", "strasse@x.example"),
            ("straße@x.example", "strasse@x.example"),
            ("ann+shop@x.example", "ann+shop@x.example"),
            ("n/a", None),
            ("@x.example", None),
            ("ann@", None),
            ("", None),
        ],
    )
    def test_of_an_address(self, written: str, normal: str | None) -> None:
        assert normal_email(written) == normal

    @pytest.mark.parametrize(
        ("written", "normal"),
        [
            ("+44 20 7946 0018", "+442079460018"),
            ("020 7946 0018", "02079460018"),
            (" +1 (555) 010-0199 ", "+15550100199"),
            ("123456", None),
            ("", None),
            ("none", None),
            ("٠١٢٣٤٥٦٧٨", None),
        ],
    )
    def test_of_a_number(self, written: str, normal: str | None) -> None:
        assert normal_phone(written) == normal

    @given(st.emails())
    def test_an_address_and_its_normal_spelling_have_one_key(self, address: str) -> None:
        normal = normal_email(address)
        assert normal is not None
        assert normal_email(normal) == normal_email(f" {address.upper()} ") or not address.isascii()
