"""Look for erased people in the landed files of a workspace, under whatever names their identifiers have or had."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from connectors import erasure, manifest
from connectors.engine import connect
from connectors.erasure import Erasure
from connectors.errors import SecretMissing
from connectors.keys import keyring
from connectors.manifest import Entry
from connectors.source import NAMESPACED
from pipelines.definition import Definition, source
from pipelines.people import spellings
from pipelines.workspace import Workspace


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


def landing_of(workspace: Workspace, definition: Definition) -> Landing:
    """Gather it; raises SecretMissing when there is no key."""
    keys = keyring(workspace.key)
    if not keys:
        raise SecretMissing(
            f"{workspace.key} is missing: what is erased is recognised, when it comes again, by hashes under this key; "
            "put it back, or run `journeys init` to make one."
        )
    sources = {name: source(definition, name, workspace.root) for name in definition.sources}
    return Landing(workspace, {name: this.prefixes for name, this in sources.items()}, keys)


def are_of(name: str, landing: Landing, erasures: Iterable[Erasure]) -> bool:
    """Tell whether one of these erasures is of somebody of this name."""
    for one in erasures:
        key = landing.keys.get(one.key_id)
        known_by = {prefix for prefixes in (*landing.prefixes.values(), *one.prefixes.values()) for prefix in prefixes}
        in_full = {*spellings(name, landing.keys), *(prefix + name for prefix in known_by)}
        hashed = {erasure.tombstone(key, spelling) for spelling in in_full} if key else set()
        if name == one.person_id or hashed & {*one.tombstones}:
            return True
    return False


def each_entry(landing: Landing) -> Iterable[tuple[duckdb.DuckDBPyConnection, Entry]]:
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
