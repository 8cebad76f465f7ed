"""The main job: land, build, audit, mine, publish. The command line and the nightly flow both call these functions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors import erasure, manifest
from connectors.engine import connect
from connectors.manifest import Entry
from pipelines.build import build, inputs, is_published
from pipelines.collect import Days, Landed, land_again, land_sources, replay
from pipelines.definition import Definition, load
from pipelines.errors import JourneysError
from pipelines.expire import Expired, expire
from pipelines.findings import Findings, findings
from pipelines.publish import publish, sweep, write_outputs
from pipelines.quarantine import warn_of_quarantine
from pipelines.say import Say
from pipelines.workspace import Workspace, locked, published


@dataclass(frozen=True)
class Outcome:
    """What a run did, as a person or a program may want to know it."""

    workspace: Path
    build_id: str
    is_new: bool
    n_landed: int
    findings: Findings

    @property
    def files(self) -> dict[str, Path]:
        """Where to look."""
        current = self.workspace / "current"
        return {
            "map": current / "reports" / "journey_map.html",
            "flow": current / "reports" / "journey_flow.html",
            "kpis": current / "reports" / "kpi_board.html",
            "tables": current / "journeys.duckdb",
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "workspace": str(self.workspace),
            "build_id": self.build_id,
            "is_new": self.is_new,
            "n_landed": self.n_landed,
            "findings": asdict(self.findings),
            "files": {name: str(path) for name, path in self.files.items()},
        }


def run(
    workspace: Workspace,
    say: Say,
    overrides: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    is_full: bool = False,
    only: Sequence[str] = (),
    days: Days | None = None,
) -> Outcome:
    """Land what is new and, if anything is, publish a new build; with `is_full`, in any case, one made of the landed files alone.

    `only` names the sources to land, instead of all; `days` asks them for a range of days once more.
    """
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        refuse_open_erasure(workspace)
        landed = land_sources(workspace, definition, say, only, days=days)
        expire(workspace, definition, say)
        return build_and_publish(workspace, definition, say, landed, as_of, is_full)


def land_only(
    workspace: Workspace,
    say: Say,
    overrides: Mapping[str, str] | None = None,
    only: Sequence[str] = (),
    days: Days | None = None,
) -> Landed:
    """Land what is new, or a range of days once more, and build nothing."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        landed = land_sources(workspace, definition, say, only, days=days)
        expire(workspace, definition, say)
        warn_of_quarantine(workspace, definition, say, _entries(workspace, only))
    return landed


def expire_only(
    workspace: Workspace, say: Say, overrides: Mapping[str, str] | None = None, is_dry: bool = False
) -> Expired:
    """Remove what is older than the definition keeps, or tell what would go, and build nothing."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        return expire(workspace, definition, say, is_dry)


def land_again_only(
    workspace: Workspace, say: Say, overrides: Mapping[str, str] | None = None, only: Sequence[str] = ()
) -> Landed:
    """Land sources anew in place of what they landed before, and build nothing."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        landed = [land_again(workspace, definition, name, say) for name in only]
        warn_of_quarantine(workspace, definition, say, _entries(workspace, only))
    return Landed(tuple(entry for each in landed for entry in each.entries))


def replay_only(
    workspace: Workspace, say: Say, overrides: Mapping[str, str] | None = None, only: Sequence[str] = ()
) -> Landed:
    """Land what is in quarantine and can be read now, and build nothing."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        landed = replay(workspace, definition, say, only)
        warn_of_quarantine(workspace, definition, say, _entries(workspace, only))
    return landed


def _entries(workspace: Workspace, only: Sequence[str]) -> list[Entry]:
    """All that has landed, or that of some sources."""
    return [entry for entry in manifest.read(workspace.landing) if not only or entry.source in only]


def build_only(
    workspace: Workspace,
    say: Say,
    overrides: Mapping[str, str] | None = None,
    as_of: datetime | None = None,
    is_full: bool = False,
) -> Path:
    """Build and audit what has landed; return the folder, which no reader sees yet."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        return build(workspace, definition, inputs(workspace, definition, as_of, is_full=is_full), say, is_full=is_full)


def publish_only(
    workspace: Workspace, say: Say, overrides: Mapping[str, str] | None = None, as_of: datetime | None = None
) -> Outcome:
    """Publish what has landed, building it first if need be."""
    definition = load(workspace.definition, overrides)
    with locked(workspace):
        refuse_open_erasure(workspace)
        return build_and_publish(workspace, definition, say, None, as_of)


def refuse_open_erasure(workspace: Workspace) -> None:
    """Refuse to publish somebody anew whose erasure was cut short."""
    if open_ones := erasure.unfinished(workspace.landing):
        raise JourneysError(
            f"The erasure of {open_ones[0].person_id} was cut short; run `journeys erase person {open_ones[0].person_id}` "
            "to finish it, then run again."
        )


def build_and_publish(
    workspace: Workspace,
    definition: Definition,
    say: Say,
    landed: Landed | None = None,
    as_of: datetime | None = None,
    is_full: bool = False,
) -> Outcome:
    """Build from what has landed and publish, unless that build is the current one; the caller holds the lock.

    With `is_full` it is built from the landed files alone, and takes the place of what is published even under the same id.
    """
    given = inputs(workspace, definition, as_of, is_full=is_full)
    warn_of_quarantine(workspace, definition, say, landed.entries if landed else ())
    is_new = is_full or not is_published(workspace, given)
    if is_new:
        folder = build(workspace, definition, given, say, is_full=is_full)
        write_outputs(folder, say)
        publish(workspace, folder, given.build_id)
    sweep(workspace)
    return Outcome(workspace.root, given.build_id, is_new, landed.n_accepted if landed else 0, read_findings(workspace))


def read_findings(workspace: Workspace) -> Findings:
    """Read the findings of the published build."""
    folder = published(workspace)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        return findings(con)
    finally:
        con.close()
