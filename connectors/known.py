"""What a source landed before, as numbers: they tell which earlier deliveries to look into for a record met again.

A key is a 64-bit hash of what names a record. Two names of one key cost a look and nothing else: what is found is
compared exactly. Keys are read from the landed files. `.known/` keeps a copy of them, of no worth of its own, so that
a night need not open every file of the past.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.durable import put
from connectors.engine import connect, run
from connectors.errors import ConnectorError
from connectors.manifest import Entry, LandedFile

NAMED_BY = {"append": "event_id", "snapshot": "record_id"}
"""What names a record that has landed: its event, or where records are sent again, itself."""

COPY_AFTER_KEYS = 500_000
COPY_AFTER_ENTRIES = 100
"""The copy is written anew when it lacks as many; until then the landed files are quick enough to read."""


@contextmanager
def memory(landing: Path, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty memory: known (key, load_seq), and covered (load_seq), the entries that it has taken in."""
    con = connect(allowed=[landing], spill=spill)
    try:
        run(con, "CREATE TABLE known (key UBIGINT, load_seq BIGINT)")
        run(con, "CREATE TABLE covered (load_seq BIGINT)")
        yield con
    finally:
        con.close()


def take_in(con: duckdb.DuckDBPyConnection, landing: Path, entries: Sequence[Entry], records: str) -> None:
    """Bring the memory of a source up to `entries`: by the copy as far as it goes, then by the landed files."""
    covered = {load_seq for (load_seq,) in run(con, "SELECT load_seq FROM covered")}
    new = [entry for entry in entries if entry.load_seq not in covered]
    _must_be_there(landing, new)
    if not covered and (copy := _copy(landing, new, records)):
        con.read_parquet(str(copy)).insert_into("known")
        copied = _copied_until(copy)
        _cover(con, [entry for entry in new if entry.load_seq <= copied])
        new = [entry for entry in new if entry.load_seq > copied]
    _take_in(con, landing, NAMED_BY[records], [entry.events for entry in new])
    _take_in(con, landing, "record_id", [entry.withdrawn for entry in new])
    _take_in(con, landing, "raw_hash", [entry.quarantine for entry in new])
    _cover(con, new)


def loads_of(con: duckdb.DuckDBPyConnection, keys: pa.Table) -> set[int]:
    """Tell which deliveries hold any of the keys."""
    con.register("given", keys)
    found = run(con, "SELECT DISTINCT load_seq FROM known SEMI JOIN given ON known.key = given.key")
    con.unregister("given")
    return {load_seq for (load_seq,) in found}


def copy_out(con: duckdb.DuckDBPyConnection, landing: Path, entries: Sequence[Entry], records: str) -> None:
    """Write the copy anew when the one that is there lacks much; `entries` are those taken in, all of a source."""
    older = _copy(landing, entries, records)
    n_copied = run(con, "SELECT count(*) FROM known WHERE load_seq <= $last", {"last": _copied_until(older)})[0][0]
    n_keys = run(con, "SELECT count(*) FROM known")[0][0] - n_copied
    n_entries = sum(entry.load_seq > _copied_until(older) for entry in entries)
    if n_keys < COPY_AFTER_KEYS and n_entries < COPY_AFTER_ENTRIES:
        return
    folder = _folder(landing, entries[0].source)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = folder / ".known.tmp"
    con.table("known").write_parquet(str(staged), compression="zstd")
    final = folder / f"{entries[-1].load_seq:06d}-{_fingerprint(entries, records)}.parquet"
    put(staged, final)
    for path in folder.glob("*.parquet"):
        if path != final:
            path.unlink()


def _take_in(con: duckdb.DuckDBPyConnection, landing: Path, column: str, files: list[LandedFile | None]) -> None:
    if paths := [str(landing / file.path) for file in files if file]:
        name = duckdb.ColumnExpression(column)
        keys = con.read_parquet(paths).filter(name.isnotnull())
        keys.select(duckdb.FunctionExpression("hash", name), "load_seq").insert_into("known")


def _cover(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> None:
    con.from_arrow(pa.table({"load_seq": pa.array([entry.load_seq for entry in entries], pa.int64())})).insert_into(
        "covered"
    )


def _must_be_there(landing: Path, entries: Sequence[Entry]) -> None:
    for file in (file for entry in entries for file in entry.files):
        if not (path := landing / file.path).exists() or path.stat().st_size != file.n_bytes:
            raise ConnectorError(
                f"{path} is in the manifest, but is gone or has another size; restore it from a backup and land again."
            )


def _copy(landing: Path, entries: Sequence[Entry], records: str) -> Path | None:
    """Find the copy that was made from the very files that `entries` list; one of any other files is no use."""
    for path in sorted(_folder(landing, entries[0].source).glob("*.parquet"), reverse=True) if entries else []:
        until = [entry for entry in entries if entry.load_seq <= _copied_until(path)]
        if path.stem.endswith(f"-{_fingerprint(until, records)}"):
            return path
    return None


def _copied_until(copy: Path | None) -> int:
    return int(copy.stem.split("-")[0]) if copy else 0


def _folder(landing: Path, source: str) -> Path:
    return landing / ".known" / source


def _fingerprint(entries: Sequence[Entry], records: str) -> str:
    """Name what a copy was made from, and by which engine: another version may hash otherwise."""
    made_from = [[entry.load_seq, *(file.sha256 for file in entry.files)] for entry in entries]
    return hashlib.sha256(json.dumps([duckdb.__version__, records, made_from]).encode()).hexdigest()[:16]
