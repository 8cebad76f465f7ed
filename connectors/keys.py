"""E-mail addresses and phone numbers become keyed hashes at the door; the key lives outside the data."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from connectors.errors import ConnectorError

KEY_BYTES = 32


def make_key(path: Path) -> bool:
    """Write a new random key, mode 0600, unless one is there already; tell whether one was made."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_hex(KEY_BYTES) + "\n")
    return True


def read_key(path: Path) -> bytes | None:
    """Read the key of a workspace; None when it has none."""
    if not path.exists():
        return None
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConnectorError(
            f"{path} does not hold a key of {KEY_BYTES} bytes in hexadecimal; restore it from a backup."
        )
    return key


def key_id(key: bytes) -> str:
    """Name a key without telling it: the first characters of a hash of it."""
    return hashlib.sha256(b"journeys key id" + key).hexdigest()[:8]


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Hash one identifier with HMAC-SHA-256; the same value under another key gives another pseudonym.

    >>> pseudonym(bytes(32), "email", "ann@example.org") == pseudonym(bytes(32), "email", "ann@example.org")
    True
    >>> pseudonym(bytes(32), "email", "ann@example.org") == pseudonym(bytes(31) + b"1", "email", "ann@example.org")
    False
    """
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


def normal_email(value: str) -> str | None:
    """Bring an e-mail address to one spelling; None when it is none.

    >>> normal_email(" Ann@Example.ORG "), normal_email("n/a")
    ('ann@example.org', None)
    """
    folded = value.strip().casefold()
    return folded if "@" in folded[1:-1] else None


def normal_phone(value: str) -> str | None:
    """Keep the digits of a phone number; None when fewer than seven are left.

    >>> normal_phone("+44 (0)20 7946-0018"), normal_phone("ext. 12")
    ('+4402079460018', None)
    """
    digits = "".join(c for c in value if c.isascii() and c.isdigit())
    return ("+" if value.strip().startswith("+") else "") + digits if len(digits) >= 7 else None


NORMAL: dict[str, Callable[[str], str | None]] = {"email": normal_email, "phone": normal_phone}
