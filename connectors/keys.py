"""E-mail addresses and phone numbers become keyed hashes at the door; the keys live outside the data, newest first."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from connectors.durable import failpoint, put, sync
from connectors.errors import SecretMissing
from connectors.nobody import is_shared_mailbox

KEY_BYTES = 32


def make_key(path: Path) -> bool:
    """Write a new random key, mode 0600, unless one is there already; tell whether one was made."""
    staged = _staged(path, (secrets.token_bytes(KEY_BYTES),))
    try:
        os.link(staged, path)
    except FileExistsError:
        return False
    finally:
        staged.unlink()
    sync(path.parent)
    return True


def rotate_key(path: Path) -> str:
    """Put a new random key before those of a file, whole or not at all; return its id. Raises SecretMissing without a file."""
    keys = read_keys(path)
    if not keys:
        raise SecretMissing(f"{path} is not there, so there is no key to replace; run `journeys init` to make one.")
    new = secrets.token_bytes(KEY_BYTES)
    staged = _staged(path, (new, *keys))
    failpoint("K1")
    put(staged, path)
    failpoint("K2")
    return key_id(new)


def read_key(path: Path) -> bytes | None:
    """Read the key that signs: the newest of a workspace; None when it has none."""
    return next(iter(read_keys(path)), None)


def read_keys(path: Path) -> tuple[bytes, ...]:
    """Read the keys of a workspace, newest first, one a line after its id; none when there is no file, SecretMissing when it is damaged."""
    if not path.exists():
        return ()
    try:
        keys = tuple(_key(line) for line in path.read_text().splitlines() if line.strip())
    except ValueError:
        keys = ()
    if not keys:
        raise SecretMissing(
            f"{path} does not hold a key of {KEY_BYTES} bytes in hexadecimal on each line; restore it from a backup."
        )
    return keys


def _key(line: str) -> bytes:
    """Read a line, `id key` or a key alone; raises ValueError when it is damaged."""
    *named, text = line.split()
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES or named not in ([], [key_id(key)]):
        raise ValueError
    return key


def _staged(path: Path, keys: tuple[bytes, ...]) -> Path:
    """Write keys to a file beside, which nobody else may read at any moment; what a killed run left there is lost."""
    staged = path.with_name(f".{path.name}.tmp")
    staged.unlink(missing_ok=True)
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.writelines(f"{key_id(key)} {key.hex()}\n" for key in keys)
    sync(staged)
    return staged


def key_id(key: bytes) -> str:
    """Name a key without telling it: the first characters of a hash of it."""
    return hashlib.sha256(b"journeys key id" + key).hexdigest()[:8]


def keyring(path: Path) -> dict[str, bytes]:
    """Read the keys of a workspace by their ids, the one that signs first; empty when it has none."""
    return {key_id(key): key for key in read_keys(path)}


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Hash one identifier with HMAC-SHA-256; the same value under another key gives another pseudonym.

    That of a shared mailbox begins with `shared-`, so that it can be told once the address is gone.

    >>> pseudonym(bytes(32), "email", "ann@example.org") == pseudonym(bytes(32), "email", "ann@example.org")
    True
    >>> pseudonym(bytes(32), "email", "ann@example.org") == pseudonym(bytes(31) + b"1", "email", "ann@example.org")
    False
    >>> pseudonym(bytes(32), "email", "no-reply@example.org")[:10]
    'shared-69c'
    """
    digest = hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"shared-{digest}" if kind == "email" and is_shared_mailbox(value) else digest


def is_pseudonym(value: str) -> bool:
    """Tell whether a value is one that `pseudonym` wrote: its digits are no phone number.

    >>> is_pseudonym(pseudonym(bytes(32), "phone", "+4402079460018")), is_pseudonym("+4402079460018")
    (True, False)
    """
    return re.fullmatch("(shared-)?[0-9a-f]{32}", value) is not None


def normal_email(value: str) -> str | None:
    """Bring an e-mail address to one spelling; None when it is none.

    >>> normal_email(" Ann@Example.ORG "), normal_email("n/a")
    ('ann@example.org', None)
    """
    folded = value.strip().casefold()
    return folded if "@" in folded[1:-1] else None


def normal_phone(value: str) -> str | None:
    """Keep the digits of a phone number; None when fewer than seven are left, or one digit alone: that is nobody's.

    >>> normal_phone("+44 (0)20 7946-0018"), normal_phone("ext. 12"), normal_phone("000-000-0000")
    ('+4402079460018', None, None)
    """
    digits = "".join(c for c in value if c.isascii() and c.isdigit())
    is_somebodys = len(digits) >= 7 and len(set(digits)) > 1
    return ("+" if value.strip().startswith("+") else "") + digits if is_somebodys else None


NORMAL: dict[str, Callable[[str], str | None]] = {"email": normal_email, "phone": normal_phone}
