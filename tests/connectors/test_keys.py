"""The key of a workspace, and what it makes of e-mail addresses and phone numbers."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import SecretMissing
from connectors.keys import (
    key_id,
    make_key,
    normal_email,
    normal_phone,
    pseudonym,
    read_key,
    read_keys,
    rotate_key,
)
from connectors.nobody import is_shared_mailbox

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
            SecretMissing,
            match=r"journeys.key does not hold a key of 32 bytes in hexadecimal on each line; restore it",
        ) as caught:
            read_key(tmp_path / "journeys.key")
        assert "xyz" not in str(caught.value)

    def test_is_named_without_being_told(self) -> None:
        assert key_id(KEY) != key_id(OTHER)
        assert len(key_id(KEY)) == 8


ROTATE = """
import sys
from pathlib import Path
from connectors.keys import rotate_key
rotate_key(Path(sys.argv[1]))
"""


class TestRotation:
    def test_puts_a_new_key_first_and_keeps_the_old_ones(self, tmp_path: Path) -> None:
        path = tmp_path / "journeys.key"
        make_key(path)
        [first] = read_keys(path)
        named = rotate_key(path)
        second, *rest = read_keys(path)
        assert (key_id(second), rest) == (named, [first])
        assert read_key(path) == second != first
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.listdir(tmp_path) == ["journeys.key"]

    def test_takes_a_file_that_holds_a_key_and_no_id(self, tmp_path: Path) -> None:
        path = tmp_path / "journeys.key"
        path.write_text(KEY.hex() + "\n")
        rotate_key(path)
        assert read_keys(path)[1:] == (KEY,)

    def test_a_key_that_is_not_the_one_its_id_names_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "journeys.key"
        path.write_text(f"{key_id(KEY)} {KEY.hex()}\n{key_id(KEY)} {OTHER.hex()}\n")
        with pytest.raises(SecretMissing, match="restore it from a backup"):
            rotate_key(path)

    def test_without_a_key_there_is_nothing_to_rotate(self, tmp_path: Path) -> None:
        with pytest.raises(SecretMissing, match=r"journeys.key is not there, .* run `journeys init`"):
            rotate_key(tmp_path / "journeys.key")
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize(("point", "n_keys"), [("K1", 1), ("K2", 2)])
    def test_a_kill_midway_loses_no_key(self, tmp_path: Path, point: str, n_keys: int) -> None:
        path = tmp_path / "journeys.key"
        make_key(path)
        [first] = read_keys(path)
        command = [sys.executable, "-c", ROTATE, str(path)]
        killed = subprocess.run(
            command, env={**os.environ, "JOURNEYS_FAILPOINT": point}, cwd=Path(__file__).parents[2], check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert (len(read_keys(path)), read_keys(path)[-1]) == (n_keys, first)
        assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
        rotate_key(path)
        assert (len(read_keys(path)), os.listdir(tmp_path)) == (n_keys + 1, ["journeys.key"])


class TestSharedMailboxes:
    @pytest.mark.parametrize(
        "address",
        ["info@x.example", "No-Reply@x.example", "noreply+42@x.example", "TEAM@x.example", "test@x.example",
         "test123@x.example", "customer.service@x.example", "do_not_reply@x.example",
         "guest@x.example", "Anonymous@x.example", "unknown@x.example", "none@x.example", "null@x.example", "null@null",
         "na@x.example", "n/a@x.example", "N.A.@x.example", "not_set@x.example", "undefined@x.example",
         "“null”@x.example", "ｎｕｌｌ@x.example"],
    )  # fmt: skip
    def test_are_marked(self, address: str) -> None:
        normal = normal_email(address)
        assert normal is not None
        assert pseudonym(KEY, "email", normal).startswith("shared-")
        assert len(pseudonym(KEY, "email", normal)) == len("shared-") + 32

    @pytest.mark.parametrize(
        "address",
        [
            "ann@info.example",
            "tessa@x.example",
            "testa.rossa@x.example",
            "sally@x.example",
            "itzik@x.example",
            "12345@x.example",
            "0@x.example",
            "f@x.example",
            "nan@x.example",
            "nat@x.example",
            "nilsson@x.example",
        ],
    )
    def test_people_are_not(self, address: str) -> None:
        assert not is_shared_mailbox(address)
        assert not pseudonym(KEY, "email", address).startswith("shared-")


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
            ("000-000-0000", None),
            ("+0000000000", None),
            ("111 1111", None),
            ("9999999999", None),
            ("100 0000", "1000000"),
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
