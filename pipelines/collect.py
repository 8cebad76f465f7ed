"""Land what is new in every source of a workspace."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors import inputs, manifest
from connectors.delivery import Context, Delivery
from connectors.errors import ConnectorError, SourceChanged
from connectors.keys import read_key
from connectors.landing import land
from connectors.manifest import Entry, fates
from connectors.replay import after_replay, replays
from connectors.source import Source
from pipelines.definition import Definition, source
from pipelines.say import Say
from pipelines.wording import counted
from pipelines.workspace import Workspace

Days = tuple[date, date]


@dataclass(frozen=True)
class Landed:
    """What one landing brought, per source: the new entries of the manifest."""

    entries: tuple[Entry, ...]

    @property
    def n_accepted(self) -> int:
        return sum(entry.n_accepted for entry in self.entries)


def land_sources(
    workspace: Workspace,
    definition: Definition,
    say: Say,
    only: Sequence[str] = (),
    now: datetime | None = None,
    days: Days | None = None,
) -> Landed:
    """Fetch, parse and land each source in turn; a delivery is in the manifest as soon as its files are on the disk.

    `days` asks again for what happened from its first to its last day, however far the sources have been read.
    """
    key, clock = _begin(workspace), now or datetime.now(UTC)
    new: list[Entry] = []
    # All are made first: a source that is not right is told before any work.
    for this in _sources(workspace, definition, only):
        entries = manifest.read(workspace.landing)
        before = [entry for entry in entries if entry.source == this.name]
        context = _context(workspace, this, before, clock, say, days)
        brought = []
        with _naming(this):
            offered = this.connector.fetch(this.config, context)
            for entry in land(offered, this, workspace.landing, before, _last(entries), key=key, now=clock):
                manifest.add(workspace.landing, entry)
                brought.append(entry)
                say(f"land {this.name}: {fates(entry)}")
        if not brought:
            say(f"land {this.name}: nothing new")
        new += brought
    return Landed(tuple(new))


def land_again(
    workspace: Workspace, definition: Definition, name: str, say: Say, now: datetime | None = None
) -> Landed:
    """Land all of a source anew, in the order in which it first landed; one commit puts the new in place of the old.

    Files must still be there with the same bytes; an API is asked from the start. Else nothing changes.
    """
    key, clock = _begin(workspace), now or datetime.now(UTC)
    [this] = _sources(workspace, definition, [name])
    entries = manifest.read(workspace.landing)
    before = [entry for entry in entries if entry.source == name]
    first = {(entry.input, entry.input_sha256): entry for entry in before if entry.replays is None}
    with _naming(this):
        offered = this.connector.fetch(this.config, _context(workspace, this, [], clock, say))
        if inputs.reads_files(this.config):
            offered = _in_order(list(offered), first)
        new = list(land(offered, this, workspace.landing, [], _last(entries), key=key, now=clock))
        if not new and before:
            raise SourceChanged("it gave nothing when it was asked for everything; what has landed stays as it is.")
    others = [entry for entry in entries if entry.source != name]
    manifest.commit(workspace.landing, [*others, *new])
    manifest.sweep(workspace.landing)
    say(f"land {name}: {counted(len(new), 'delivery', 'deliveries')} in place of {len(before):,}")
    return Landed(tuple(new))


def replay(
    workspace: Workspace, definition: Definition, say: Say, only: Sequence[str] = (), now: datetime | None = None
) -> Landed:
    """Read again what is in quarantine; records that are understood now land as if they had been all along.

    A replayed quarantine moves, with its part of the ledger, from its entry to the one of the replay: what still cannot
    be read stays in quarantine there. One commit does both. A quarantine of which nothing is understood stays put.
    """
    key, clock = _begin(workspace), now or datetime.now(UTC)
    entries = {entry.load_seq: entry for entry in manifest.read(workspace.landing)}
    new: list[Entry] = []
    for this in _sources(workspace, definition, only):
        before = [entry for entry in entries.values() if entry.source == this.name]
        with _naming(this):
            offered = replays(workspace.landing, before, getattr(this.config, "delimiter", ","))
            brought = list(land(offered, this, workspace.landing, before, max(entries, default=0), key=key, now=clock))
        for entry in brought:
            say(f"{entry.input}: {fates(entry)}")
        new += brought
        entries |= {entry.load_seq: entry for entry in brought}
    if new:
        manifest.commit(workspace.landing, after_replay(entries.values(), {entry.input_sha256 for entry in new}))
        manifest.sweep(workspace.landing)
    return Landed(tuple(new))


def _begin(workspace: Workspace) -> bytes | None:
    workspace.landing.mkdir(exist_ok=True, mode=0o700)
    manifest.sweep(workspace.landing)
    return read_key(workspace.key)


def _sources(workspace: Workspace, definition: Definition, only: Sequence[str]) -> list[Source]:
    return [source(definition, name, workspace.root) for name in only or definition.sources]


def _context(
    workspace: Workspace, this: Source, before: Sequence[Entry], now: datetime, say: Say, days: Days | None = None
) -> Context:
    # A cursor is a place in what was asked then; of another address, or from another day on, all is asked.
    last = next((entry for entry in reversed(before) if entry.cursor), None)
    return Context(
        root=workspace.root,
        cursor=last.cursor if last and last.origin in (None, this.origin) else None,
        # The latest of a name: a file that goes back to what it was is news.
        landed=frozenset({entry.input: entry.input_sha256 for entry in before}.items()),
        now=now,
        progress=lambda line: say(f"land {this.name}: {line}"),
        days=days,
    )


def _last(entries: Sequence[Entry]) -> int:
    return max((entry.load_seq for entry in entries), default=0)


def _in_order(offered: list[Delivery], first: Mapping[tuple[str, str], Entry]) -> list[Delivery]:
    """Bring files into the order they first landed in, new ones last.

    Each that has landed must be there as it was, unless all that landed of it has expired.
    """
    there = {(delivery.name, delivery.sha256) for delivery in offered}
    wanted = {name: entry for name, entry in first.items() if entry.files or not entry.has_expired}
    if gone := next((name for name, sha256 in wanted if (name, sha256) not in there), None):
        raise SourceChanged(
            f"{gone} is gone, or has other bytes than those that landed; put it back as it was. What has landed stays as it is."
        )
    order = {name: entry.load_seq for name, entry in first.items()}
    return sorted(offered, key=lambda delivery: order.get((delivery.name, delivery.sha256), sys.maxsize))


@contextmanager
def _naming(this: Source) -> Iterator[None]:
    """Let every error of a source say which it is."""
    prefix = f"sources.{this.name}"
    try:
        yield
    except ConnectorError as error:
        if prefix in str(error):
            raise
        raise type(error)(f"{prefix}: {error}") from error


def out_of_date(workspace: Workspace, definition: Definition) -> list[str]:
    """Name the sources whose landed files were made by another mapping, connector or key than today's."""
    key = read_key(workspace.key)
    today = {name: source(definition, name, workspace.root).landing_hash(key) for name in definition.sources}
    landed = manifest.read(workspace.landing)
    return sorted(
        {
            entry.source
            for entry in landed
            # A delivery all of whose records a replay has taken holds nothing that could be out of date.
            if entry.n_records and entry.landing_hash != today.get(entry.source, entry.landing_hash)
        }
    )
