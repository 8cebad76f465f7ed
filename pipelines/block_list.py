"""Identifiers that name nobody, and links that the definition undoes."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from connectors.nobody import NOBODY
from pipelines.source_parts import Identity

Pseudonyms = Callable[[str, str], Sequence[str]]
"""From a kind (email, phone) and a clear value to what landing wrote in its place, under each key there has been."""


def as_it_is(_: str, value: str) -> Sequence[str]:
    """Take a value for a pseudonym already."""
    return [value]


def block_list(identity: Identity, pseudonyms: Pseudonyms) -> list[dict[str, Any]]:
    """List what counts as absent: the values that name nobody, whatever the kind, and what the definition blocks.

    >>> block_list(Identity(block=("user:shop:till",)), as_it_is)[-1]
    {'plain': None, 'kind': 'user', 'namespace': 'shop', 'value_text': 'till'}
    """
    return [
        *({"plain": plain, "kind": None, "namespace": None, "value_text": None} for plain in NOBODY),
        *({"plain": None, **parts} for identifier in identity.block for parts in _parts(identifier, pseudonyms)),
    ]


def unlinked_identifiers(identity: Identity, pseudonyms: Pseudonyms) -> list[dict[str, Any]]:
    """List the pairs that the definition keeps apart, the smaller identifier left.

    >>> unlinked_identifiers(Identity(unlink=(("user:shop:1", "email:x"),)), as_it_is)
    [{'left_identifier': 'email:x', 'right_identifier': 'user:shop:1'}]
    """
    pairs = [
        sorted(pair)
        for one, other in identity.unlink
        for pair in product(_written(one, pseudonyms), _written(other, pseudonyms))
    ]
    return [{"left_identifier": left, "right_identifier": right} for left, right in pairs]


def _parts(identifier: str, pseudonyms: Pseudonyms) -> list[dict[str, str]]:
    kind, rest = identifier.split(":", 1)
    if kind in ("email", "phone"):
        return [{"kind": kind, "namespace": "", "value_text": value} for value in pseudonyms(kind, rest)]
    namespace, value = rest.split(":", 1)
    return [{"kind": kind, "namespace": namespace, "value_text": value}]


def _written(identifier: str, pseudonyms: Pseudonyms) -> list[str]:
    return [":".join(part for part in parts.values() if part) for parts in _parts(identifier, pseudonyms)]
