"""Identifiers that name nobody, and links that the definition undoes."""

from collections.abc import Callable
from typing import Any

from connectors.nobody import NOBODY
from pipelines.source_parts import Identity

Pseudonym = Callable[[str, str], str]
"""From a kind (email, phone) and a clear value to what landing wrote in its place."""


def as_it_is(_: str, value: str) -> str:
    """Take a value for a pseudonym already."""
    return value


def block_list(identity: Identity, pseudonym: Pseudonym) -> list[dict[str, Any]]:
    """List what counts as absent: the values that name nobody, whatever the kind, and what the definition blocks.

    >>> block_list(Identity(block=("user:shop:till",)), as_it_is)[-1]
    {'plain': None, 'kind': 'user', 'namespace': 'shop', 'value_text': 'till'}
    """
    return [
        *({"plain": plain, "kind": None, "namespace": None, "value_text": None} for plain in NOBODY),
        *({"plain": None, **_parts(identifier, pseudonym)} for identifier in identity.block),
    ]


def unlinked_identifiers(identity: Identity, pseudonym: Pseudonym) -> list[dict[str, Any]]:
    """List the pairs that the definition keeps apart, the smaller identifier left.

    >>> unlinked_identifiers(Identity(unlink=(("user:shop:1", "email:x"),)), as_it_is)
    [{'left_identifier': 'email:x', 'right_identifier': 'user:shop:1'}]
    """
    pairs = [sorted(_written(identifier, pseudonym) for identifier in pair) for pair in identity.unlink]
    return [{"left_identifier": left, "right_identifier": right} for left, right in pairs]


def _parts(identifier: str, pseudonym: Pseudonym) -> dict[str, str]:
    kind, rest = identifier.split(":", 1)
    if kind in ("email", "phone"):
        return {"kind": kind, "namespace": "", "value_text": pseudonym(kind, rest)}
    namespace, value = rest.split(":", 1)
    return {"kind": kind, "namespace": namespace, "value_text": value}


def _written(identifier: str, pseudonym: Pseudonym) -> str:
    parts = _parts(identifier, pseudonym)
    return ":".join(part for part in (parts["kind"], parts["namespace"], parts["value_text"]) if part)
