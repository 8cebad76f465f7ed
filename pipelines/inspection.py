"""Look at a workspace without changing it: check the definition, tell the status, show an event as it landed."""

from collections.abc import Mapping
from typing import Any

import duckdb

from connectors import erasure, manifest
from connectors.engine import connect
from connectors.engine import run as query
from pipelines.build import inputs, is_published, published_file
from pipelines.collect import out_of_date
from pipelines.definition import Definition, load, not_right
from pipelines.errors import JourneysError
from pipelines.findings import unmatched
from pipelines.first_files import look_into_first_files
from pipelines.quarantine import in_quarantine
from pipelines.wording import counted
from pipelines.workspace import Workspace, build_id_of, published


def check(workspace: Workspace, overrides: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Check journey.yaml, and each source's keys against its first file if there is one; remark on what is odd though not wrong."""
    definition = load(workspace.definition, overrides)
    problems, odd = look_into_first_files(workspace, definition)
    if problems:
        raise not_right(workspace.definition, problems)
    counts = {
        "sources": len(definition.sources),
        "touchpoints": len(definition.touchpoints),
        "personas": len(definition.personas),
        "journeys": len(definition.journeys),
        "kpis": len(definition.kpis),
    }
    return {
        "definition": str(workspace.definition),
        "counts": counts,
        "remarks": [*odd, *_remarks(definition), *_remarks_on_events(workspace)],
    }


def _remarks(definition: Definition) -> list[str]:
    staged = {
        name
        for journey in definition.journeys.values()
        for stage in journey.stages.values()
        for name in stage.touchpoints
    }
    idle = [
        name for name, touchpoint in definition.touchpoints.items() if name not in staged and touchpoint.role is None
    ]
    return [f"touchpoint {name} is in no stage and plays no role" for name in idle]


OVERLAPS = """
WITH kinds AS (SELECT DISTINCT source, event_name, page_path, touchpoint FROM events WHERE touchpoint IS NOT NULL)
SELECT kinds.touchpoint AS winner, rules.touchpoint AS also, count(*) AS n_kinds
FROM kinds
JOIN touchpoint_rules AS rules
    ON kinds.touchpoint <> rules.touchpoint
    AND (rules.source IS NULL OR kinds.source = rules.source)
    AND (rules.event_like IS NULL OR kinds.event_name LIKE rules.event_like ESCAPE '!')
    AND (rules.page_like IS NULL OR coalesce(kinds.page_path, '') LIKE rules.page_like ESCAPE '!')
WHERE rules.touchpoint NOT IN (SELECT touchpoint FROM touchpoint_rule_properties)
GROUP BY winner, also
ORDER BY winner, also
"""


def _remarks_on_events(workspace: Workspace) -> list[str]:
    """Say which kinds of published events a later rule would have matched too, and how many events none does."""
    if not workspace.current.exists():
        return []
    folder = published(workspace)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        overlaps = [
            f"{counted(n, 'kind')} of event {'is' if n == 1 else 'are'} {winner} and {'matches' if n == 1 else 'match'} {also} too; "
            "the first rule wins"
            for winner, also, n in query(con, OVERLAPS)
        ]
        return [*overlaps, *filter(None, [unmatched(con)])]
    finally:
        con.close()


def status(workspace: Workspace) -> dict[str, Any]:
    """Tell what has landed, what is published, and whether a run would find anything to do."""
    definition = load(workspace.definition)
    entries = manifest.read(workspace.landing)
    landed = [f"{name}: {_landed(name, entries)}" for name in definition.sources]
    undefined = [
        f"{name}: {_landed(name, entries)}"
        for name in sorted({entry.source for entry in entries} - {*definition.sources})
    ]
    build_id = build_id_of(published(workspace)) if workspace.current.exists() else None
    quarantined = in_quarantine(workspace, definition, entries)
    stale = [
        f"{name}: landed by another mapping, connector or key than today's"
        for name in out_of_date(workspace, definition)
    ]
    unfinished = [
        f"{one.person_id}: cut short; `journeys erase person {one.person_id}` finishes it"
        for one in erasure.unfinished(workspace.landing)
    ]
    return {
        "workspace": str(workspace.root),
        "build_id": build_id or "none",
        "state": _state(workspace, definition) if any(entry.events for entry in entries) else "nothing has landed",
        "landed": landed,
        **({"quarantined": quarantined} if quarantined else {}),
        **({"landed_and_not_in_journey.yaml": undefined} if undefined else {}),
        **({"out_of_date": stale} if stale else {}),
        **({"unfinished_erasures": unfinished} if unfinished else {}),
    }


def _state(workspace: Workspace, definition: Definition) -> str:
    """Say whether what is published is what has landed, or why nothing can be built of that."""
    try:
        given = inputs(workspace, definition)
    except JourneysError as error:
        return str(error)
    if is_published(workspace, given):
        return "what is published is what has landed"
    if workspace.current.is_symlink() and published_file(workspace) is None:
        return "what is published cannot be read; `journeys publish` builds it anew"
    return "what has landed, or the definition, or the code is newer than what is published; `journeys publish` brings it up"


def _landed(name: str, entries: tuple[manifest.Entry, ...]) -> str:
    mine = [entry for entry in entries if entry.source == name]
    fates: dict[str, int] = {}
    for entry in mine:
        for row in entry.ledger:
            fates[row.status] = fates.get(row.status, 0) + row.n_records
    counts = ", ".join(f"{n:,} {fate}" for fate, n in fates.items()) or "no records"
    return f"{counted(len(mine), 'delivery', 'deliveries')}, {counts}"


def show(workspace: Workspace, event_id: str, source: str | None = None) -> dict[str, Any]:
    """Find an event in the landed files, as it was last written there; raises JourneysError when several sources have it."""
    files = [str(workspace.landing / entry.events.path) for entry in manifest.read(workspace.landing) if entry.events]
    if not files:
        raise JourneysError(f"No event has landed in {workspace.root}.")
    con = connect(allowed=[workspace.landing])
    try:
        rows = con.read_parquet(files, union_by_name=True)
        is_asked_for = duckdb.ColumnExpression("event_id") == duckdb.ConstantExpression(event_id)
        found = rows.filter(is_asked_for).order("load_seq DESC").fetchall()
        events = [dict(zip(rows.columns, row, strict=True)) for row in found]
    finally:
        con.close()
    latest = {event["source"]: event for event in reversed(events) if source in (None, event["source"])}
    if not latest:
        of_source = f" of the source {source}" if source else ""
        raise JourneysError(f"No landed event{of_source} has the id '{event_id}'; copy one from the table events.")
    if len(latest) > 1:
        names = sorted(latest)
        raise JourneysError(
            f"The sources {', '.join(names)} have an event '{event_id}' each; say which: "
            f"journeys show {event_id} --source {names[0]}."
        )
    [event] = latest.values()
    return {name: value for name, value in event.items() if value is not None}
