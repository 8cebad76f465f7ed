"""The manifest: the one list of what has landed, one line per delivery. A file it does not list does not exist."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from connectors.durable import append, failpoint, write
from connectors.errors import ConnectorError

FORMAT = 2
"""The version of the manifest's own form, in its first line; a manifest of another one is refused, not guessed at."""


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
    """One delivery: its input, its files, its ledger, and the source's cursor after it, all in one commit.

    `withdrawn` lists the records of a snapshot source whose newest version counts no more. `replays` is the load_seq
    of the entry whose quarantine was read again: its records are this one's now, under the file and lines they had.
    """

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
    withdrawn: LandedFile | None = None
    cursor: str | None
    complete_until: datetime | None
    landing_hash: str
    key_id: str | None = None
    replays: int | None = None

    @property
    def n_accepted(self) -> int:
        """Physical records that became events."""
        return sum(row.n_records for row in self.ledger if row.status == "accepted")

    @property
    def file_id(self) -> str:
        """The name, in every landed event, of the delivery it came with: of a replay, the first one."""
        return f"{self.source}-{self.replays or self.load_seq:06d}"

    @property
    def files(self) -> tuple[LandedFile, ...]:
        """The Parquet files that this entry keeps alive."""
        return tuple(file for file in (self.events, self.quarantine, self.withdrawn) if file)


ENTRY = TypeAdapter(Entry)


def path_of(landing: Path) -> Path:
    """The manifest's own file."""
    return landing / "manifest.jsonl"


def read(landing: Path) -> tuple[Entry, ...]:
    """Read the manifest of a landing folder; an empty tuple when nothing has landed yet.

    A last line without its end is what a killed run left of a commit that never was, and counts for nothing.
    """
    path = path_of(landing)
    if (older := landing / "manifest.json").exists():
        raise ConnectorError(f"{older} is of an earlier version; delete {landing} and land again.")
    if not path.exists():
        return ()
    first, *lines = path.read_bytes().split(b"\n")[:-1] or [b""]
    try:
        if (found := json.loads(first)["format"]) != FORMAT:
            raise ConnectorError(
                f"{path} has format {found} and this version reads {FORMAT}; use the version that wrote it."
            )
        return tuple(ENTRY.validate_json(line) for line in lines)
    except (ValueError, KeyError, TypeError) as error:
        raise ConnectorError(
            f"{path} is damaged; restore it from a backup, or delete landing/ and land again."
        ) from error


def add(landing: Path, entry: Entry) -> None:
    """Commit one delivery: append its line and flush it to the disk."""
    path = path_of(landing)
    failpoint("L7")
    if path.exists():
        append(path, _line(entry))
    else:
        write(path, b"".join(_lines([entry])))
    failpoint("L8")


def commit(landing: Path, entries: Iterable[Entry]) -> None:
    """Replace the manifest by `entries`, atomically."""
    failpoint("L7")
    write(path_of(landing), b"".join(_lines(entries)))
    failpoint("L8")


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    yield json.dumps({"format": FORMAT}).encode() + b"\n"
    yield from map(_line, entries)


def _line(entry: Entry) -> bytes:
    return ENTRY.dump_json(entry) + b"\n"


def unlisted(landing: Path, entries: Sequence[Entry]) -> list[Path]:
    """Find the files among those of the landed sources that no entry lists: what killed or superseded landings left."""
    listed = {landing / file.path for entry in entries for file in entry.files}
    sources = {entry.source for entry in entries}
    return sorted(path for source in sources for path in (landing / source).glob("*") if path not in listed)


def sha256_of(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
