"""Erase a person: tombstones first, then the landed files, then the builds; each step can be killed and done again."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from connectors import erasure, manifest
from connectors.durable import failpoint
from connectors.engine import connect, run
from connectors.erasure import Erasure
from connectors.errors import SecretMissing
from connectors.keys import keyring
from connectors.manifest import Entry
from connectors.rewriting import without
from connectors.source import NAMESPACED
from pipelines.definition import Definition, load, source
from pipelines.deliveries import delivery, read_deliveries
from pipelines.errors import JourneysError, NothingPublished
from pipelines.people import NobodyCalled, Person, find, must_be_one_human, spellings
from pipelines.receipts import write_receipt
from pipelines.run import Say, build_and_publish
from pipelines.workspace import Workspace, locked, published


@dataclass(frozen=True)
class Landing:
    """What it takes to look for people in the landed files of a workspace."""

    workspace: Workspace
    prefixes: Mapping[str, frozenset[str]]
    keys: Mapping[str, bytes]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return manifest.read(self.workspace.landing)

    def find(self, con: duckdb.DuckDBPyConnection, entry: Entry, erasures: Sequence[Erasure]) -> None:
        """Make the table erased_lines of one entry."""
        prefixes = self.prefixes_of(entry) | erasure.former_prefixes(entry.source, erasures)
        erasure.find(con, self.workspace.landing, entry, erasures, prefixes, self.keys)

    def prefixes_of(self, entry: Entry) -> frozenset[str]:
        """What makes an identifier of an entry's values: as the definition says today, and as it said when they landed.

        Where neither is known, a source of the definition may have shared any namespace with this one.
        """
        landed = erasure.prefixes(entry.source, entry.namespaces)
        if entry.source in self.prefixes or entry.namespaces:
            return landed | self.prefixes.get(entry.source, frozenset())
        own = erasure.prefixes(entry.source, dict.fromkeys(NAMESPACED, entry.source))
        return own.union(*self.prefixes.values())

    def prefixes_by_source(self) -> dict[str, tuple[str, ...]]:
        """What makes an identifier of a value, of every source that is defined or has landed."""
        found = {name: {*prefixes} for name, prefixes in self.prefixes.items()}
        for entry in self.entries:
            found.setdefault(entry.source, set()).update(self.prefixes_of(entry))
        return {name: tuple(sorted(prefixes)) for name, prefixes in found.items()}


def erase(
    workspace: Workspace, name: str, say: Say, is_told: bool = False, overrides: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Erase the person called `name`, and finish erasures that were cut short; return the receipts.

    Raises JourneysError when nobody is called so, or when the cluster may be several people and `is_told` is false.
    """
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        landing = _landing(workspace, definition)
        if not _are_of(name, landing, erasure.unfinished(workspace.landing)):
            _ask(landing, name, is_told, say)
        _forget(landing, say)
        failpoint("E2")
        _rebuild(landing, definition, say)
        failpoint("E3")
        _remove_traces(workspace)
        return _finish(landing, definition)


def _landing(workspace: Workspace, definition: Definition) -> Landing:
    keys = keyring(workspace.key)
    if not keys:
        raise SecretMissing(
            f"{workspace.key} is missing: what is erased is recognised, when it comes again, by hashes under this key; "
            "put it back, or run `journeys init` to make one."
        )
    sources = {name: source(definition, name, workspace.root) for name in definition.sources}
    return Landing(workspace, {name: this.prefixes for name, this in sources.items()}, keys)


def _are_of(name: str, landing: Landing, erasures: Iterable[Erasure]) -> bool:
    """Tell whether one of these erasures is of somebody of this name."""
    for one in erasures:
        key = landing.keys.get(one.key_id)
        known_by = {prefix for prefixes in (*landing.prefixes.values(), *one.prefixes.values()) for prefix in prefixes}
        in_full = {*spellings(name, landing.keys), *(prefix + name for prefix in known_by)}
        hashed = {erasure.tombstone(key, spelling) for spelling in in_full} if key else set()
        if name == one.person_id or hashed & {*one.tombstones}:
            return True
    return False


def _ask(landing: Landing, name: str, is_told: bool, say: Say) -> None:
    """Write the tombstones of a person who is published: from here on they are erased, whatever happens.

    Those of somebody who is not, and was erased before, are written again only if something of theirs has landed.
    """
    before = erasure.read(landing.workspace.landing)
    known = [one for one in before if _are_of(name, landing, [one])]
    try:
        asked = _asked(published(landing.workspace), landing, name, is_told)
    except (NobodyCalled, NothingPublished):
        if not known:
            raise
        asked = known[-1].model_copy(update={"asked_at": datetime.now(UTC), "finished_at": None})
    say(f"erase {asked.person_id}: look through what has landed")
    counted = _counted(landing, asked)
    if counted.n_files or not known:
        erasure.commit(landing.workspace.landing, [*before, counted])
    failpoint("E1")


def _asked(folder: Path, landing: Landing, name: str, is_told: bool) -> Erasure:
    """Find out by what a published person is known."""
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        person = find(con, name, landing.keys)
        must_be_one_human(person, "erase", is_told)
        _must_be_up_to_date(con, folder, landing)
        names = [*person.identifiers, *_column(con, THEIRS_ALONE, person), *_column(con, UNNAMED_EVENTS, person)]
        names += [nobody for (nobody,) in run(con, NOBODY)]
        rows = run(con, "SELECT count(*) FROM events WHERE person_id = $id", {"id": person.person_id})
    finally:
        con.close()
    name_of_key, key = next(iter(landing.keys.items()))
    return Erasure(
        person_id=person.person_id,
        asked_at=datetime.now(UTC),
        key_id=name_of_key,
        tombstones=tuple(sorted({erasure.tombstone(key, one) for one in names})),
        prefixes=landing.prefixes_by_source(),
        n_events=rows[0][0],
        n_quarantined=0,
        n_files=0,
    )


def _must_be_up_to_date(con: duckdb.DuckDBPyConnection, folder: Path, landing: Landing) -> None:
    """Refuse to tell from a build whose a device is when more has landed, or the sources are others, than it knows."""
    landed = {delivery(entry) for entry in landing.entries if entry.source in landing.prefixes}
    known = {source: {*prefixes} for source, *prefixes in run(con, PREFIXES)}
    today = {
        source: {one for one in prefixes if one.startswith(NAMES)} for source, prefixes in landing.prefixes.items()
    }
    if {*read_deliveries(folder / "journeys.duckdb")} != landed or known != today:
        raise JourneysError(
            "What is published is not what has landed and is defined, so that whose a device, an order or a ticket is "
            "cannot be told; run `journeys publish`, then erase."
        )


NAMES = tuple(f"{kind}:" for kind in NAMESPACED)
PREFIXES = """
SELECT source, 'user:' || user_namespace || ':', 'device:' || device_namespace || ':', 'order:' || order_namespace || ':',
    'ticket:' || ticket_namespace || ':'
FROM sources
"""


THEIRS_ALONE = """
WITH seen AS (
    SELECT person_id, 'device:' || device_namespace || ':' || device_id AS identifier FROM events JOIN sources USING (source)
    UNION ALL
    SELECT person_id, 'order:' || order_namespace || ':' || order_id FROM events JOIN sources USING (source)
    UNION ALL
    SELECT person_id, 'ticket:' || ticket_namespace || ':' || ticket_id FROM events JOIN sources USING (source)
),
theirs AS (
    SELECT DISTINCT identifier FROM seen WHERE person_id = $id AND identifier IS NOT NULL
)
SELECT identifier FROM theirs
EXCEPT
SELECT identifier FROM seen SEMI JOIN theirs USING (identifier) WHERE person_id NOT IN ($id, id_of(identifier))
"""
"""Devices, orders and tickets on which nobody else was seen. An anonymous visitor of a device is nobody else."""

UNNAMED_EVENTS = """
SELECT 'event:' || source || ':' || event_id
FROM events
JOIN sources USING (source)
WHERE person_id = $id AND NOT EXISTS (
    SELECT 1 FROM identifiers
    WHERE identifiers.person_id = $id AND identifiers.identifier IN (
        'user:' || user_namespace || ':' || user_id, 'email:' || email_key, 'phone:' || phone_key)
)
"""
"""What was given to them by the device alone, which others may use too, has to be told by its own name."""


NOBODY = """
SELECT 'nobody:' || kind || CASE WHEN namespace = '' THEN ':' ELSE ':' || namespace || ':' END || value
FROM work.blocked_identifiers
WHERE kind IN ('user', 'email', 'phone')
"""
"""Logins that name nobody: a row of such a one, on a device that was theirs alone, is theirs."""


def _column(con: duckdb.DuckDBPyConnection, sql: str, person: Person) -> list[str]:
    return [value for (value,) in run(con, sql, {"id": person.person_id})]


def _counted(landing: Landing, asked: Erasure) -> Erasure:
    """Count what an erasure will take, and add the records that are wholly theirs, whatever their versions say."""
    theirs, others = set[str](), set[str]()
    counts = {"n_events": 0, "n_quarantined": 0, "n_files": 0}
    for con, entry in _each(landing):
        landing.find(con, entry, [asked])
        records = RECORDS if entry.events else "SELECT NULL, NULL WHERE false"
        params = {"file": str(landing.workspace.landing / entry.events.path)} if entry.events else None
        for record_id, is_theirs in run(con, records, params):
            (theirs if is_theirs else others).add(f"record:{entry.source}:{record_id}")
        for column, file in (("n_events", entry.events), ("n_quarantined", entry.quarantine)):
            if file and (n := run(con, TAKEN, {"file": str(landing.workspace.landing / file.path)})[0][0]):
                counts[column] += n
                counts["n_files"] += 1
    key = landing.keys[asked.key_id]
    tombstones = {*asked.tombstones} | {erasure.tombstone(key, record) for record in theirs - others}
    return asked.model_copy(update={**counts, "tombstones": tuple(sorted(tombstones))})


RECORDS = """
SELECT DISTINCT record_id, line_no IN (SELECT line_no FROM erased_lines)
FROM read_parquet($file)
WHERE record_id IS NOT NULL
"""
TAKEN = "SELECT count(*) FROM read_parquet($file) SEMI JOIN erased_lines USING (line_no)"


def _each(landing: Landing) -> Iterable[tuple[duckdb.DuckDBPyConnection, Entry]]:
    """Go through the manifest with a connection that may read and write what has landed."""
    spill = landing.workspace.landing / ".spill"
    shutil.rmtree(spill, ignore_errors=True)
    spill.mkdir(mode=0o700)
    con = connect(allowed=[landing.workspace.landing], spill=spill)
    try:
        for entry in landing.entries:
            yield con, entry
    finally:
        con.close()
        shutil.rmtree(spill)


def _forget(landing: Landing, say: Say) -> None:
    """Write anew, without erased people, every landed file that holds something of theirs; one commit lists them all."""
    erasures = erasure.read(landing.workspace.landing)
    kept = []
    for con, entry in _each(landing):
        say(f"erase: {entry.source} {entry.input}")
        landing.find(con, entry, erasures)
        con.table("erased_lines").create_view("doomed_lines", replace=True)
        kept.append(without(con, landing.workspace.landing, entry, "erased"))
    if kept != [*landing.entries]:
        manifest.commit(landing.workspace.landing, kept)


def _rebuild(landing: Landing, definition: Definition, say: Say) -> None:
    """Publish what is left; where nothing is, nothing stays published."""
    if any(entry.events for entry in landing.entries):
        build_and_publish(landing.workspace, definition, say, is_full=True)
    else:
        landing.workspace.current.unlink(missing_ok=True)


def _remove_traces(workspace: Workspace) -> None:
    """Remove all builds but the current one, and every landed file that the manifest does not list."""
    current = workspace.current.resolve()
    for folder in workspace.builds.iterdir():
        if folder != current:
            shutil.rmtree(folder)
    failpoint("E4")
    manifest.sweep(workspace.landing)
    shutil.rmtree(workspace.landing / ".known", ignore_errors=True)


def _finish(landing: Landing, definition: Definition) -> list[dict[str, Any]]:
    """Leave a receipt of each erasure that has none yet, and return those."""
    erasures = erasure.read(landing.workspace.landing)
    now = datetime.now(UTC)
    done = [one if one.finished_at else one.model_copy(update={"finished_at": now}) for one in erasures]
    others = sorted({entry.source for entry in landing.entries} - {*definition.sources})
    new = [one for one, before in zip(done, erasures, strict=True) if before.finished_at is None]
    receipts = [write_receipt(landing.workspace, definition, others, one) for one in new]
    erasure.commit(landing.workspace.landing, done)
    return receipts
