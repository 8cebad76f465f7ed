"""Build every table into a new DuckDB file and audit it. Nothing that is published is touched.

A build begins from the published one where it can (see incremental), else from the landed files alone; the tables are equal.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from connectors import manifest
from connectors.durable import failpoint
from connectors.engine import run
from connectors.keys import NORMAL, is_pseudonym, read_keys
from connectors.keys import pseudonym as keyed
from connectors.manifest import Entry, Expiry, fates
from pipelines import deliveries, fingerprints, history, incremental, models
from pipelines.block_list import Pseudonyms, block_list, unlinked_identifiers
from pipelines.comments import comment_tables
from pipelines.definition import Definition
from pipelines.errors import CheckFailed, NothingToBuild, is_damage
from pipelines.event_parts import IN_PARTS, make_in_parts
from pipelines.mining import mine
from pipelines.quarantine import in_quarantine
from pipelines.say import Say
from pipelines.source_parts import SourceSpec
from pipelines.tables import definition_tables, local_days
from pipelines.warehouse import MEMORY_LIMIT, NIGHTS, attach, create, look_in, make_model, warehouse
from pipelines.workspace import Workspace, build_id_of, published, remove_build

CODE = (
    *sorted(models.SQL.rglob("*.sql")),
    *sorted(Path(__file__).parent.glob("*.py")),
    *sorted(Path(__file__).parent.glob("*.sql")),
    *sorted(NIGHTS.glob("*.sql")),
    *sorted((Path(__file__).parent.parent / "journey_mining").rglob("*.py")),
    *sorted((Path(__file__).parent.parent / "journey_mining").rglob("*.sql")),
    *sorted((Path(__file__).parent / "templates").glob("*")),
)
"""What the published figures and pages are computed by."""

N_TOLD = 5
"""So many of the latest deliveries are told where nothing can be built."""


@dataclass(frozen=True)
class Inputs:
    """Everything a build is a function of, and the name that follows from it."""

    entries: tuple[Entry, ...]
    complete_until: dict[str, datetime]
    build_id: str
    expiry: Expiry | None = None


def inputs(
    workspace: Workspace, definition: Definition, as_of: datetime | None = None, *, is_full: bool = False
) -> Inputs:
    """Gather what a build depends on; raises when nothing has landed yet, a file is gone or a ledger does not balance.

    With `is_full` nothing is believed that the published build says of what has landed.
    """
    entries = tuple(entry for entry in manifest.read(workspace.landing) if entry.source in definition.sources)
    if not any(entry.events for entry in entries):
        raise NothingToBuild(_nothing_landed(workspace, definition, entries))
    deliveries.must_be_whole(workspace.landing, entries)
    known = None if is_full else published_file(workspace)
    complete_until = completeness(workspace, definition, entries, as_of, known)
    if not complete_until:
        raise NothingToBuild(
            f"No source of {workspace.root} has delivered an event of a customer's own, only passive ones, so nobody can tell up "
            "to when it is complete; say `complete_until` at a source in journey.yaml, or `--as-of`."
        )
    expiry = manifest.read_expiry(workspace.landing)
    parts = [
        [entry.model_dump(mode="json") for entry in entries],
        _meaning(definition),
        [names(definition.identity, _pseudonyms(workspace)) for names in (block_list, unlinked_identifiers)],
        {name: str(instant) for name, instant in complete_until.items()},
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in CODE],
        expiry.model_dump(mode="json") if expiry else None,
    ]
    name = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
    day = min(complete_until.values()).date().isoformat()
    return Inputs(entries, complete_until, f"{day}-{name}", expiry)


def _nothing_landed(workspace: Workspace, definition: Definition, entries: tuple[Entry, ...]) -> str:
    """Say why there is nothing to build from: nothing came, or what became of it."""
    if not entries:
        return f"Nothing has landed in {workspace.root}; run `journeys land` and look at what it says."
    return "\n".join(
        [
            f"No event has landed in {workspace.root}, so there is nothing to build:",
            *(f"{entry.source}: {entry.input}: {fates(entry)}" for entry in entries[-N_TOLD:]),
            *in_quarantine(workspace, definition, entries),
        ]
    )


def _meaning(definition: Definition) -> dict[str, Any]:
    """The definition without what only landing knows: the manifest says what became of that."""
    said = definition.model_dump(mode="json")
    del said["retention"]
    said["sources"] = [
        [name, {key: spec[key] for key in SourceSpec.model_fields}] for name, spec in said["sources"].items()
    ]
    return said


def completeness(
    workspace: Workspace,
    definition: Definition,
    entries: tuple[Entry, ...],
    as_of: datetime | None,
    known: Path | None,
) -> dict[str, datetime]:
    """Tell, per source, up to when it has delivered: as asked for, stated, promised, or its latest active event."""
    latest = deliveries.latest_by_source(workspace.landing, entries, known)
    found = {}
    for name, spec in definition.sources.items():
        promised = [entry.complete_until for entry in entries if entry.source == name and entry.complete_until]
        instant = as_of or spec.complete_until or (max(promised) if promised else latest.get(name))
        if instant is not None:
            found[name] = _utc(instant)
    return found


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def published_file(workspace: Workspace) -> Path | None:
    """The file that a build may begin from; None when there is none, it cannot be read, or is of an early version."""
    path = workspace.current.resolve() / "journeys.duckdb"
    try:
        return path if path.exists() and deliveries.read_deliveries(path) else None
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        return None


def is_published(workspace: Workspace, given: Inputs) -> bool:
    """Tell whether readers see this build, from a file that can be read, and it was not built once more since."""
    return (
        published_file(workspace) is not None
        and build_id_of(published(workspace)) == given.build_id
        and not _finished(workspace, given).exists()
    )


def _finished(workspace: Workspace, given: Inputs) -> Path:
    """Where a build lies that is whole and not yet published."""
    return workspace.builds / f".{given.build_id}"


def build(
    workspace: Workspace,
    definition: Definition,
    given: Inputs,
    say: Say,
    memory_limit: str = MEMORY_LIMIT,
    is_full: bool = False,
) -> Path:
    """Build and audit all tables in a folder that no reader sees, builds/.<build_id>, and return it.

    The folder has that name only when it is whole; one that is there already is used as it is. With `is_full` both it
    and the published build are left aside, but for what the latter remembers.
    """
    finished = _finished(workspace, given)
    if finished.exists() and not is_full:
        return finished
    folder = workspace.builds / f".{given.build_id}.unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    previous = published_file(workspace)
    if previous and is_full and not history.is_whole(previous):
        previous = None
    if previous is None and workspace.current.is_symlink():
        say("warning: the published file cannot be read: what it remembers of builds before it is lost")
    tables = definition_tables(definition, models.kpi_models(), given.complete_until, _pseudonyms(workspace))
    prints = fingerprints.fingerprints(tables, definition.zone)
    start = None if is_full or previous is None else incremental.start(previous, given.entries, prints)
    if start and previous:
        say("copy the published file")
        shutil.copyfile(previous, folder / "journeys.duckdb")
    for name in sorted({*definition.sources} - {entry.source for entry in given.entries if entry.events}):
        say(f"warning: {name} has delivered no event yet: what it would tell is in no rate")
    readable = [workspace.landing, *([previous.parent] if previous else [])]
    with warehouse(folder, readable, memory_limit, fills_holes=start is not None and start.is_full_of_holes) as con:
        failpoint("D1")
        if previous:
            attach(con, previous, "previous", read_only=True)
        for name, table in tables.items():
            create(con, f"journeys.main.{name}", table)
        create(
            con,
            "journeys.main.deliveries",
            deliveries.table(workspace.landing, given.entries, None if is_full else previous),
        )
        create(con, "journeys.main.ledger", deliveries.ledger(given.entries))
        create(con, "journeys.main.frozen_kpis", deliveries.frozen_kpis(workspace.landing, given.expiry))
        if start:
            incremental.build(con, workspace.landing, definition, given.entries, start, say)
        else:
            _build_all(con, workspace.landing, definition, given.entries, say)
        _sign(con, given)
        say("mine")
        mine(con)
        say("audit")
        audit(con, say, *(incremental.TOUCHED if start else ()))
        failpoint("D6")
        history.remember(con, given.build_id, prints, is_first=previous is None)
        create(con, "journeys.work.fingerprints", fingerprints.table(prints))
        if previous:
            run(con, "DETACH previous")
        comment_tables(con)
        say("write it to the disk")
        run(con, "CHECKPOINT journeys")
        failpoint("D7")
    (folder / "journeys.duckdb").chmod(0o600)
    remove_build(finished)
    folder.rename(finished)
    return finished


def _pseudonyms(workspace: Workspace) -> Pseudonyms:
    """What the definition says of an address or a number in clear, as landing wrote it under each key.

    What landing wrote already, as `explain` and the table identifiers tell it, stays as it is.
    """
    keys = read_keys(workspace.key)

    def write(kind: str, value: str) -> Sequence[str]:
        normal = None if is_pseudonym(value) else NORMAL[kind](value)
        return [keyed(key, kind, normal) for key in keys] if keys and normal else [value]

    return write


def _build_all(
    con: duckdb.DuckDBPyConnection, landing: Path, definition: Definition, entries: tuple[Entry, ...], say: Say
) -> None:
    """Make every table from the landed files."""
    deliveries.view_landed(con, landing, entries, definition)
    first, last = run(con, "SELECT min(occurred_at), max(occurred_at) FROM landed_events")[0]
    create(con, "scratch.main.local_days", local_days(first, last, definition.zone))
    order = models.build_order(models.models())
    last_use = models.last_uses(order)
    for number, name in enumerate(order, 1):
        say(f"build {name} ({number} of {len(order)})")
        if name in IN_PARTS:
            make_in_parts(con, name, landing, definition, entries, say)
        else:
            make_model(con, name)
        failpoint(f"D:{name}")
        for done in last_use.get(name, ()):
            run(con, f"DROP TABLE scratch.main.{done}")


BUILD = """
CREATE OR REPLACE TABLE build AS
SELECT CAST($build_id AS VARCHAR) AS build_id, (SELECT title FROM settings) AS name, CAST($as_of AS TIMESTAMP) AS as_of,
    (SELECT count(*) FROM events) AS n_events, (SELECT count(*) FROM people) AS n_people,
    (SELECT count(*) FROM sessions) AS n_sessions, (SELECT count(*) FROM journeys) AS n_journeys,
    (SELECT count(CASE WHEN is_tied THEN 1 END) / nullif(count(*), 0) FROM journey_steps WHERE step_number > 1) AS share_of_ties
"""


def _sign(con: duckdb.DuckDBPyConnection, given: Inputs) -> None:
    """Write the one row that says which build this is."""
    run(con, BUILD, {"build_id": given.build_id, "as_of": min(given.complete_until.values())})


def audit(con: duckdb.DuckDBPyConnection, say: Say, *parts: str) -> None:
    """Run every check; one that returns a row stops the build, or warns, as its header says.

    Where a night has touched only `parts` of the tables (schemas), those are checked, but for checks of the whole.
    """
    for name, check in models.checks().items():
        if parts:
            look_in(con, *(() if check.header.get("scope") == "whole" else parts))
        if offending := con.execute(check.sql).fetchmany(3):
            if check.header.get("severity") != "warn":
                raise CheckFailed(
                    f"The check {name} failed ({check.description}): for example {offending[0]}. What was published before is untouched."
                )
            say(f"warning: {check.description}: for example {offending[0]}")
    if parts:
        look_in(con)
