"""Checks of files: all that is listed is there and whole, nothing else is visible, and only the owner may read it."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors import erasure, manifest
from connectors.engine import run
from connectors.manifest import Entry, LandedFile
from connectors.schema import EVENT_SCHEMA
from pipelines.landed_people import each_entry, landing_of
from pipelines.live import AGAIN, Live

LAND = "run `journeys land --again {}`"
RESTORE = "restore it from a backup"


def landed_files(live: Live) -> Iterator[str]:
    """Every file of the manifest is there with its size, hash, rows and columns, and no other is visible."""
    landing = live.workspace.landing
    for entry in live.entries:
        for file in entry.files:
            restore = f"{RESTORE}, or {LAND.format(entry.source)}"
            yield from _landed_file(landing / file.path, file, restore, is_events=file is entry.events)
    if expiry := manifest.read_expiry(landing):
        yield from _landed_file(landing / expiry.frozen_kpis.path, expiry.frozen_kpis, RESTORE, is_events=False)
    listed = manifest.listed(landing, live.entries)
    own = {manifest.path_of(landing), erasure.path_of(landing)}
    for path in sorted(landing.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(landing).parts)
        if path.is_file() and not is_hidden and path not in listed | own:
            yield f"{path} is in no manifest, so that nothing is known of it; remove it."


def _landed_file(path: Path, file: LandedFile, restore: str, is_events: bool) -> Iterator[str]:
    if not path.is_file():
        yield f"{path} is in the manifest and gone; {restore}."
    elif (n_bytes := path.stat().st_size) != file.n_bytes:
        yield f"{path} has {n_bytes:,} bytes and not the {file.n_bytes:,} that landed; {restore}."
    elif manifest.sha256_of(path) != file.sha256:
        yield f"{path} has other bytes than those that landed, though as many; {restore}."
    else:
        found = pq.read_metadata(path)
        if found.num_rows != file.n_rows:
            yield f"{path} has {found.num_rows:,} rows and the manifest says {file.n_rows:,}; {restore}."
        if is_events:
            yield from _columns(path, found.schema.to_arrow_schema(), restore)


def _columns(path: Path, schema: pa.Schema, restore: str) -> Iterator[str]:
    """A landed file may lack columns that came later; those it has are of the declared types."""
    for field in schema:
        if field.name not in EVENT_SCHEMA.names or field.type != EVENT_SCHEMA.field(field.name).type:
            yield f"{path} has the column {field.name} ({field.type}), which is not in the schema of events; {restore}."


def ledger(live: Live) -> Iterator[str]:
    """Records in = accepted + duplicate + filtered + quarantined, by the ledger, by the files, and by the table."""
    for entry in live.entries:
        if entry.n_told != entry.n_records:
            yield f"{_name(entry)}: {entry.n_records:,} records came and the ledger tells of {entry.n_told:,}; {LAND.format(entry.source)}."
        yield from _against_files(live, entry)
    told = {(row[0], row[1], row[2]): row[3] for row in run(live.con, TOLD)}
    read_by_build = {load_seq for load_seq, _, _ in told}
    for entry in live.entries:
        for row in entry.ledger if entry.load_seq in read_by_build else ():
            if (n := told.get((entry.load_seq, row.status, row.reason), 0)) != row.n_records:
                yield (
                    f"{_name(entry)}: the table ledger tells of {n:,} records {row.status} "
                    f"({row.reason or 'no reason'}) and the manifest of {row.n_records:,}; {AGAIN}."
                )


TOLD = "SELECT load_seq, status, reason, CAST(sum(n_records) AS BIGINT) FROM ledger GROUP BY load_seq, status, reason"


def _against_files(live: Live, entry: Entry) -> Iterator[str]:
    """What the ledger calls accepted or quarantined lies in the files."""
    landing = live.workspace.landing
    for status, file, sql in (
        ("accepted", entry.events, "SELECT count(DISTINCT line_no) FROM read_parquet($file)"),
        ("quarantined", entry.quarantine, "SELECT count(*) FROM read_parquet($file)"),
    ):
        said = sum(row.n_records for row in entry.ledger if row.status == status)
        there = run(live.con, sql, {"file": str(landing / file.path)})[0][0] if file else 0
        # A record that was sent again only to be withdrawn is accepted and gives no event.
        if there != said and not (status == "accepted" and entry.withdrawn and there < said):
            yield f"{_name(entry)}: the ledger says {said:,} {status} and the file holds {there:,}; {LAND.format(entry.source)}."


def erasures(live: Live) -> Iterator[str]:
    """Nothing that has landed is of an erased person."""
    if not (erased := erasure.read(live.workspace.landing)):
        return
    landing = landing_of(live.workspace, live.definition)
    for con, entry in each_entry(landing):
        landing.find(con, entry, erased)
        if n := run(con, "SELECT count(*) FROM erased_lines")[0][0]:
            yield (
                f"{_name(entry)}: {n:,} records are of people who were erased; run "
                f"`journeys erase person {erased[-1].person_id}`, which removes what is of any of them."
            )


def _name(entry: Entry) -> str:
    return f"sources.{entry.source}: {entry.input} (delivery {entry.load_seq})"


def published_files(live: Live) -> Iterator[str]:
    """The build that readers see is whole: its files are those that its manifest lists, with their bytes."""
    if (live.folder / "journeys.duckdb.wal").exists():
        yield f"{live.folder} holds a write-ahead log: somebody wrote to it, or it was not closed; {AGAIN}."
    path = live.folder / "manifest.json"
    try:
        listed = {file["path"]: file for file in json.loads(path.read_bytes())["files"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        yield f"{path} is gone or damaged, so that nothing vouches for the build; {AGAIN}."
        return
    there = {str(found.relative_to(live.folder)) for found in live.folder.rglob("*") if found.is_file()}
    for name, file in listed.items():
        found = live.folder / name
        if name not in there:
            yield f"{found} is gone; {AGAIN}."
        elif found.stat().st_size != file["n_bytes"] or manifest.sha256_of(found) != file["sha256"]:
            yield f"{found} has other bytes than those that were published; {AGAIN}."
    for name in sorted(there - {*listed, "manifest.json", "journeys.duckdb"}):
        yield f"{live.folder / name} was never published; remove it."


def modes(live: Live) -> Iterator[str]:
    """Nobody but the owner may read what has landed, what is published, receipts of erasures, or the key."""
    folders = [live.workspace.landing, live.workspace.builds, live.workspace.receipts]
    for path in [live.workspace.key, *(path for folder in folders for path in sorted(folder.rglob("*")))]:
        if path.is_file() and (mode := stat.S_IMODE(path.stat().st_mode)) != 0o600:
            yield f"{path} can be read by others (mode {mode:o}); run `chmod 600` on it, and look who did."
