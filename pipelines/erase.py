"""Erase a person: tombstones first, then the landed files, then the builds; each step can be killed and done again."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors import erasure, manifest
from connectors.durable import failpoint
from connectors.engine import run
from connectors.erasure import Erasure
from connectors.rewriting import without
from pipelines.build import inputs, is_published
from pipelines.definition import Definition, load
from pipelines.errors import NothingPublished, NothingToBuild
from pipelines.landed_people import Landing, are_of, each_entry, landing_of
from pipelines.people import NobodyCalled
from pipelines.receipts import write_receipt
from pipelines.run import build_and_publish
from pipelines.say import Say
from pipelines.tombstones import tombstones
from pipelines.workspace import Workspace, locked, published, remove_build


def erase(
    workspace: Workspace, name: str, say: Say, is_told: bool = False, overrides: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Erase the person called `name`, and finish erasures that were cut short; return the receipts.

    Raises JourneysError when nobody is called so, or when the cluster may be several people and `is_told` is false.
    """
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        landing = landing_of(workspace, definition)
        if not are_of(name, landing, erasure.unfinished(workspace.landing)):
            _ask(landing, name, is_told, say)
        _forget(landing, say)
        failpoint("E2")
        _rebuild(landing, definition, say)
        failpoint("E3")
        _remove_traces(workspace)
        return _finish(landing, definition)


def _ask(landing: Landing, name: str, is_told: bool, say: Say) -> None:
    """Write the tombstones of a person who is published: from here on they are erased, whatever happens.

    Those of somebody who is not, and was erased before, are written again only if something of theirs has landed.
    """
    before = erasure.read(landing.workspace.landing)
    known = [one for one in before if are_of(name, landing, [one])]
    try:
        asked = tombstones(published(landing.workspace), landing, name, is_told)
    except (NobodyCalled, NothingPublished):
        if not known:
            raise
        asked = known[-1].model_copy(update={"asked_at": datetime.now(UTC), "finished_at": None})
    say(f"erase {asked.person_id}: look through what has landed")
    counted = _counted(landing, asked)
    if counted.n_files or not known:
        erasure.commit(landing.workspace.landing, [*before, counted])
    failpoint("E1")


def _counted(landing: Landing, asked: Erasure) -> Erasure:
    """Count what an erasure will take, and add the records that are theirs, whatever their earlier versions say.

    Whose a record is says its latest version; an earlier one must not count again when that is gone.
    """
    latest: dict[str, tuple[tuple[Any, ...], bool]] = {}
    counts = {"n_events": 0, "n_quarantined": 0, "n_files": 0}
    for con, entry in each_entry(landing):
        landing.find(con, entry, [asked])
        events = entry.events and str(landing.workspace.landing / entry.events.path)
        for record_id, is_theirs, *version in run(con, RECORDS, {"file": events}) if events else ():
            name, age = f"record:{entry.source}:{record_id}", (version[0] is not None, *version)
            if name not in latest or age > latest[name][0]:
                latest[name] = age, is_theirs
        for column, file in (("n_events", entry.events), ("n_quarantined", entry.quarantine)):
            if file and (n := run(con, TAKEN, {"file": str(landing.workspace.landing / file.path)})[0][0]):
                counts[column] += n
                counts["n_files"] += 1
    key = landing.keys[asked.key_id]
    records = {erasure.tombstone(key, name) for name, (_, is_theirs) in latest.items() if is_theirs}
    return asked.model_copy(update={**counts, "tombstones": tuple(sorted({*asked.tombstones} | records))})


RECORDS = """
SELECT DISTINCT record_id, line_no IN (SELECT line_no FROM erased_lines), updated_at, load_seq, line_no
FROM read_parquet($file)
WHERE record_id IS NOT NULL
"""
TAKEN = "SELECT count(*) FROM read_parquet($file) SEMI JOIN erased_lines USING (line_no)"


def _forget(landing: Landing, say: Say) -> None:
    """Write anew, without erased people, every landed file that holds something of theirs; one commit lists them all."""
    erasures = erasure.read(landing.workspace.landing)
    kept = []
    for con, entry in each_entry(landing):
        say(f"erase: {entry.source} {entry.input}")
        landing.find(con, entry, erasures)
        con.table("erased_lines").create_view("doomed_lines", replace=True)
        kept.append(without(con, landing.workspace.landing, entry, "erased"))
    if kept != [*landing.entries]:
        manifest.commit(landing.workspace.landing, kept)


def _rebuild(landing: Landing, definition: Definition, say: Say) -> None:
    """Publish what is left, unless that is done; where nothing is, nothing stays published."""
    try:
        left = inputs(landing.workspace, definition)
    except NothingToBuild:
        landing.workspace.current.unlink(missing_ok=True)
        return
    if not is_published(landing.workspace, left):
        build_and_publish(landing.workspace, definition, say, is_full=True)


def _remove_traces(workspace: Workspace) -> None:
    """Remove all builds but the current one, and every landed file that the manifest does not list."""
    current = workspace.builds / workspace.current.resolve().name  # the workspace may be named relative to where we are
    for folder in [*workspace.builds.iterdir()]:
        if folder != current:
            remove_build(folder)
    shutil.rmtree(workspace.scratch, ignore_errors=True)
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
