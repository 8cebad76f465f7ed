"""The manifest: the one list of what has landed, one line per delivery. A file it does not list does not exist."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from connectors.durable import append, failpoint, write
from connectors.errors import ConnectorError

FORMAT = 2
"""The version of the manifest's own form, in its first line; a manifest of another one is refused, not guessed at."""


FROZEN_KPIS = "frozen_kpis-*.parquet"
"""The name of the file of frozen KPIs, but for what tells one from the other."""


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
    `origin` names what the cursor is a place in. `namespaces` are those that its identifiers had by kind when it landed.
    Neither is known of what landed before it was kept.
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
    origin: str | None = None
    replays: int | None = None
    key_id: str | None = None
    namespaces: dict[str, str] = {}

    @property
    def n_accepted(self) -> int:
        """Physical records that became events."""
        return sum(row.n_records for row in self.ledger if row.status == "accepted")

    @property
    def n_told(self) -> int:
        """Physical records that the ledger accounts for: all that came, if it balances."""
        return sum(row.n_records for row in self.ledger)

    @property
    def file_id(self) -> str:
        """The name, in every landed event, of the delivery it came with: of a replay, the first one."""
        return f"{self.source}-{self.replays or self.load_seq:06d}"

    @property
    def has_expired(self) -> bool:
        """Whether something of it was too old to keep."""
        return any(row.reason == "expired" for row in self.ledger)

    @property
    def files(self) -> tuple[LandedFile, ...]:
        """The Parquet files that this entry keeps alive."""
        return tuple(file for file in (self.events, self.quarantine, self.withdrawn) if file)


def fates(entry: Entry) -> str:
    """Say a ledger in a line: 5,650 accepted, 2,819 filtered (no_time)."""
    return (
        ", ".join(
            f"{row.n_records:,} {row.status}" + (f" ({row.reason})" if row.reason else "") for row in entry.ledger
        )
        or "no records"
    )


class Expiry(BaseModel):
    """What has been given up because of its age: events before an instant (UTC), and the KPIs that were kept of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expired_before: datetime
    frozen_kpis: LandedFile


class Head(BaseModel):
    """The first line of a manifest: its form, and what holds for all deliveries, those to come included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    expiry: Expiry | None = None


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
    with _telling_damage(path):
        _head(path, first)
        return tuple(ENTRY.validate_json(line) for line in lines)


def read_expiry(landing: Path) -> Expiry | None:
    """Read what has expired of a landing folder, from the first line alone; None when nothing has."""
    path = path_of(landing)
    if not path.exists():
        return None
    with path.open("rb") as stream, _telling_damage(path):
        return _head(path, stream.readline()).expiry


def _head(path: Path, line: bytes) -> Head:
    if (found := json.loads(line)["format"]) != FORMAT:
        raise ConnectorError(
            f"{path} has format {found} and this version reads {FORMAT}; use the version that wrote it."
        )
    return Head.model_validate_json(line)


@contextmanager
def _telling_damage(path: Path) -> Iterator[None]:
    try:
        yield
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
        write(path, b"".join(_lines(Head(), [entry])))
    failpoint("L8")


def commit(landing: Path, entries: Iterable[Entry], expiry: Expiry | None = None) -> None:
    """Replace the manifest by `entries`, atomically; what has expired stays as it is told there, unless told anew."""
    failpoint("L7")
    write(path_of(landing), b"".join(_lines(Head(expiry=expiry or read_expiry(landing)), entries)))
    failpoint("L8")


def _lines(head: Head, entries: Iterable[Entry]) -> Iterator[bytes]:
    yield head.model_dump_json(exclude_none=True).encode() + b"\n"
    yield from map(_line, entries)


def _line(entry: Entry) -> bytes:
    return ENTRY.dump_json(entry) + b"\n"


def unlisted(landing: Path, entries: Sequence[Entry]) -> list[Path]:
    """Find the files among those that landed, or should have, that are not listed: what killed or superseded landings left."""
    found = [*landing.glob("[!.]*/*"), *landing.glob(FROZEN_KPIS)]
    return sorted({*found} - listed(landing, entries))


def listed(landing: Path, entries: Iterable[Entry]) -> set[Path]:
    """Find the files that the manifest keeps alive."""
    expiry = read_expiry(landing)
    of_entries = {landing / file.path for entry in entries for file in entry.files}
    return of_entries | ({landing / expiry.frozen_kpis.path} if expiry else set())


def sweep(landing: Path) -> None:
    """Remove the files that are not listed."""
    for path in unlisted(landing, read(landing)):
        path.unlink()


def sha256_of(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
