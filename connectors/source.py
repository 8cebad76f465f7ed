"""A source as landing knows it: its connector, what the definition promises of it, and what makes earlier landings out of date."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from connectors.erasure import Erasure, former_prefixes, prefixes, prefixes_of_another_name
from connectors.keys import key_id
from connectors.schema import SCHEMA_VERSION

NAMESPACED = ("user", "device", "order", "ticket")
"""Kinds of identifier that two sources share only if the definition says so."""

WHERE_FROM = {
    "path",
    "url",
    "token",
    "email",
    "start",
    "page_size",
    "overlap_seconds",
    "requests_per_minute",
    "patience",
    "max_bytes",
}
"""Keys of a connector's Config that tell where records come from, and do not change what becomes of them."""

DECIDING = (
    "clear_values.py",
    "csv_records.py",
    "delivery.py",
    "fates.sql",
    "json_blocks.py",
    "judging.py",
    "keys.py",
    "landed_before.py",
    "landing.py",
    "landing.sql",
    "lines.py",
    "mapping.py",
    "nobody.py",
    "readers.py",
    "schema.py",
    "source.py",
    "unpacking.py",
)
"""The code, beside a connector's own, that decides what becomes of a record."""


@cache
def _code_of(connector: str) -> str:
    """Hash the code that makes events of a connector's records."""
    own = connector.rpartition(".")[2]
    found = [file for name in (f"{own}.py", f"{own}.sql", *DECIDING) if (file := files("connectors") / name).is_file()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in found)).hexdigest()


@dataclass(frozen=True)
class Source:
    """What landing must know of a source: its name, its connector, and the promises the definition makes for it.

    `keys` are all that are at hand, by their ids, to recognise people who were erased under an older one. `defined` are
    the names of all sources, itself included, by which to tell one that has another name than it had.
    """

    name: str
    connector: ModuleType
    config: BaseModel
    records: Literal["append", "snapshot"] = "append"
    exact_duplicates: Literal["keep", "drop"] = "keep"
    channel: str | None = None
    query: tuple[str, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    defined: frozenset[str] = frozenset()

    @property
    def every_namespace(self) -> dict[str, str]:
        """The namespace of each kind of identifier; one that the definition does not name is the source's own."""
        return {kind: self.namespaces.get(kind, self.name) for kind in NAMESPACED}

    @property
    def prefixes(self) -> frozenset[str]:
        """What makes an identifier of a value of this source."""
        return prefixes(self.name, self.every_namespace)

    def prefixes_at_any_time(self, erasures: Sequence[Erasure]) -> frozenset[str]:
        """What makes an identifier of a value of this source, or made or may have made one when people were erased."""
        former = former_prefixes(self.name, erasures)
        return self.prefixes | former | prefixes_of_another_name(self.name, erasures, self.defined)

    @property
    def origin(self) -> str | None:
        """Name what a cursor is a place in: a host, whatever its port, and the day from which it is asked; None of files."""
        asked = self.config.model_dump(mode="json", include={"url", "start"})
        if "url" not in asked:
            return None
        where = urlsplit(asked["url"])
        parts = [where.hostname, where.path.rstrip("/"), asked.get("start")]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def landing_hash(self, key: bytes | None) -> str:
        """Name everything that decides how a record becomes events; when it changes, old landings are out of date."""
        parts = [
            SCHEMA_VERSION,
            self.connector.__name__,
            self.config.model_dump(mode="json", exclude=WHERE_FROM),
            self.records,
            self.exact_duplicates,
            self.channel,
            sorted(self.query),
            key_id(key) if key else None,
            _code_of(self.connector.__name__),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
