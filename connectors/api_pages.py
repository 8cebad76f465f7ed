"""Pages of a web API as deliveries: only the fields that are needed, and the cursor a later walk starts from."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from connectors.delivery import Context, Delivery, json_lines
from connectors.errors import SourceChanged
from connectors.http import Answer

PAGES_PER_DELIVERY = 50


@dataclass(frozen=True)
class Page:
    """One page of a walk: its records as JSON texts, and where a later walk goes on."""

    records: list[bytes]
    content: bytes
    cursor: str | None
    complete_until: datetime | None
    is_last: bool


def rows(answer: Answer, key: str) -> list[Any]:
    """The list `key` of an answer; an answer without it is not of this API."""
    found = answer.body.get(key)
    if not isinstance(found, list):
        raise SourceChanged(f"The API's answer has no list {key!r}: check that `url` names the right service.")
    return found


def pick(record: Any, fields: Iterable[str]) -> Any:
    """Only these fields of a JSON object, or of each in a list; what is not needed is not kept.

    >>> pick([{"id": 1, "name": "Ann"}, None], ("id", "email"))
    [{'id': 1}, None]
    """
    if isinstance(record, list):
        return [pick(element, fields) for element in record]
    return {field: record[field] for field in fields if field in record} if isinstance(record, dict) else record


def json_text(record: Any) -> bytes:
    """A record as compact JSON; a lone surrogate, which UTF-8 cannot hold, becomes '?'."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def deliveries(pages: Iterable[Page], name: str, context: Context, *, is_overlap: bool) -> Iterator[Delivery]:
    """Hand over a walk in parts of at most 50 pages, each with the cursor a later walk can start from."""
    records: list[bytes] = []
    digest, n_bytes, part = sha256(), 0, 1
    for number, page in enumerate(pages, start=1):
        records += page.records
        digest.update(page.content)
        n_bytes += len(page.content)
        if page.is_last or number % PAGES_PER_DELIVERY == 0:
            context.progress(f"{name}: page {number}, {len(records)} in part {part}")
            yield Delivery(
                name=name if part == 1 else f"{name}, part {part}",
                sha256=digest.hexdigest(),
                n_bytes=n_bytes,
                load=json_lines(records),
                cursor=page.cursor,
                complete_until=page.complete_until,
                is_overlap=is_overlap or not records,
            )
            records, digest, n_bytes, part = [], sha256(), 0, part + 1
