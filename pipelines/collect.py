"""Land what is new in every source of a workspace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors import manifest
from connectors.delivery import Context
from connectors.errors import ConnectorError
from connectors.keys import read_key
from connectors.landing import Source, land
from connectors.manifest import Entry
from pipelines.definition import Definition, source
from pipelines.workspace import Workspace

Say = Callable[[str], None]


@dataclass(frozen=True)
class Landed:
    """What one landing brought, per source: the new entries of the manifest."""

    entries: tuple[Entry, ...]

    @property
    def n_accepted(self) -> int:
        return sum(entry.n_accepted for entry in self.entries)


def land_sources(
    workspace: Workspace, definition: Definition, say: Say, only: Sequence[str] = (), now: datetime | None = None
) -> Landed:
    """Fetch, parse and land each source in turn; a delivery is in the manifest as soon as its files are on the disk."""
    workspace.landing.mkdir(exist_ok=True, mode=0o700)
    key = read_key(workspace.key)
    clock = now or datetime.now(UTC)
    new: list[Entry] = []
    # All are made first: a source that is not right is told before any work.
    for this in [source(definition, name, workspace.root) for name in only or definition.sources]:
        new += _land_source(workspace, this, key, clock, say)
    return Landed(tuple(new))


def _land_source(workspace: Workspace, this: Source, key: bytes | None, now: datetime, say: Say) -> list[Entry]:
    name = this.name
    entries = list(manifest.read(workspace.landing))
    before = [entry for entry in entries if entry.source == name]
    new: list[Entry] = []
    context = Context(
        root=workspace.root,
        cursor=next((entry.cursor for entry in reversed(before) if entry.cursor), None),
        # The latest of a name: a file that goes back to what it was is news.
        landed=frozenset({entry.input: entry.input_sha256 for entry in before}.items()),
        now=now,
        progress=lambda line: say(f"land {name}: {line}"),
    )
    try:
        for delivery in this.connector.fetch(this.config, context):
            load_seq = max((entry.load_seq for entry in entries), default=0) + 1
            entry = land(delivery, this, workspace.landing, (*before, *new), load_seq, key=key, now=now)
            if entry is None:
                continue
            entries.append(entry)
            manifest.commit(workspace.landing, entries)
            new.append(entry)
            say(f"land {name}: {_fates(entry)}")
    except ConnectorError as error:
        if f"sources.{name}" in str(error):
            raise
        raise type(error)(f"sources.{name}: {error}") from error
    if not new:
        say(f"land {name}: nothing new")
    return new


def _fates(entry: Entry) -> str:
    """Say a ledger in a line: 5,650 accepted, 2,819 filtered (no_time)."""
    return (
        ", ".join(
            f"{row.n_records:,} {row.status}" + (f" ({row.reason})" if row.reason else "") for row in entry.ledger
        )
        or "no records"
    )


def out_of_date(workspace: Workspace, definition: Definition) -> list[str]:
    """Name the sources whose landed files were made by another mapping, connector or key than today's."""
    key = read_key(workspace.key)
    today = {name: source(definition, name, workspace.root).landing_hash(key) for name in definition.sources}
    landed = manifest.read(workspace.landing)
    return sorted(
        {entry.source for entry in landed if entry.source in today and entry.landing_hash != today[entry.source]}
    )
