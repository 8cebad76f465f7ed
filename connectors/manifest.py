"""The manifest: the one list of what has landed. A file it does not list does not exist."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.durable import failpoint, write
from connectors.errors import ConnectorError


class LedgerRow(BaseModel):
    """How many physical records of a delivery met one fate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["accepted", "duplicate", "filtered", "quarantined"]
    reason: str | None
    n_records: int


class LandedFile(BaseModel):
    """One immutable Parquet file, by its path below the landing folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    n_bytes: int
    n_rows: int


class Entry(BaseModel):
    """One delivery: its input, its files, its ledger, and the source's cursor after it, all in one commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    load_seq: int
    source: str
    input: str
    input_sha256: str
    input_n_bytes: int
    n_records: int
    ledger: tuple[LedgerRow, ...]
    events: LandedFile | None
    quarantine: LandedFile | None
    cursor: str | None
    complete_until: datetime | None
    landing_hash: str
    key_id: str | None = None

    @property
    def n_accepted(self) -> int:
        """Physical records that became events."""
        return sum(row.n_records for row in self.ledger if row.status == "accepted")


def read(landing: Path) -> tuple[Entry, ...]:
    """Read the manifest of a landing folder; an empty tuple when nothing has landed yet."""
    path = landing / "manifest.json"
    if not path.exists():
        return ()
    try:
        return tuple(Entry.model_validate(entry) for entry in json.loads(path.read_bytes())["entries"])
    except (ValueError, KeyError, TypeError) as error:
        raise ConnectorError(
            f"{path} is damaged; restore it from a backup, or delete landing/ and land again."
        ) from error


def commit(landing: Path, entries: Iterable[Entry]) -> None:
    """Replace the manifest by `entries`, atomically."""
    body = {"version": 1, "entries": [entry.model_dump(mode="json") for entry in entries]}
    failpoint("L7")
    write(landing / "manifest.json", json.dumps(body, indent=1).encode())
    failpoint("L8")


def sha256_of(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
