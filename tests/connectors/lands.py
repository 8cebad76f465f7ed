"""Land small files in a workspace of their own, and look at what became of every record."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import manifest
from connectors.engine import connect
from connectors.errors import ConnectorError
from connectors.manifest import Entry
from pipelines.collect import Landed, land_again, land_sources, replay
from pipelines.definition import Definition
from pipelines.workspace import Workspace

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
CLICKS = {"event_name": "what", "fields": {"occurred_at": "seen", "user_id": "who"}}
"""A log of clicks without ids: what, seen, who."""
ORDERS = {
    "records": "snapshot",
    "events": {"placed": {"occurred_at": "seen"}},
    "fields": {"record_id": "id", "user_id": "who"},
}
"""A table of orders that are sent again after a change: id, seen, who."""


def definition(sources: Mapping[str, Any]) -> Definition:
    journey = {"gap": "1d", "window": "1d", "success": "end", "stages": {"end": {"touchpoints": ["any"]}}}
    return Definition.model_validate(
        {"name": "shop", "sources": sources, "touchpoints": {"any": {"event": "*"}}, "journeys": {"buy": journey}}
    )


def quiet(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Shop:
    """A workspace with one source, `web`, whose files lie in in/."""

    root: Path
    keys: Mapping[str, Any] = field(default_factory=lambda: CLICKS)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root)

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    def put(self, name: str, content: str | bytes | pa.Table) -> Path:
        """Write a file into in/, in the format that its name tells."""
        path = self.root / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
            return path
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    @property
    def definition(self) -> Definition:
        return definition({"web": {"connector": "files", "path": "in/**/*", **self.keys}})

    def land(self, now: datetime = NOW, days: tuple[date, date] | None = None) -> dict[str, int]:
        """Land what is new; tell how many records met which fate, after proving that nothing was lost on the way."""
        return self._fates(land_sources(self.workspace, self.definition, quiet, now=now, days=days))

    def land_again(self, now: datetime = NOW) -> dict[str, int]:
        return self._fates(land_again(self.workspace, self.definition, "web", quiet, now=now))

    def replay(self, now: datetime = NOW) -> dict[str, int]:
        return self._fates(replay(self.workspace, self.definition, quiet, now=now))

    def _fates(self, landed: Landed) -> dict[str, int]:
        for entry in landed.entries:
            assert_balanced(entry, self.landing)
        fates: dict[str, int] = {}
        for row in (row for entry in landed.entries for row in entry.ledger):
            fate = f"{row.status} {row.reason or ''}".strip()
            fates[fate] = fates.get(fate, 0) + row.n_records
        return fates

    def in_all(self) -> dict[str, int]:
        """Count the fates of all records that the manifest tells of."""
        return self._fates(Landed(self.entries()))

    def send(self, name: str, content: str | bytes | pa.Table) -> dict[str, int]:
        self.put(name, content)
        return self.land()

    def refusal(self, name: str, content: str | bytes | pa.Table) -> str:
        """Send a file that cannot land; return the sentence that says so, after proving that nothing changed."""
        before = manifest.read(self.landing)
        with pytest.raises(ConnectorError) as caught:
            self.send(name, content)
        assert manifest.read(self.landing) == before
        return str(caught.value)

    def entries(self) -> tuple[Entry, ...]:
        return manifest.read(self.landing)

    def events(self, columns: str = "event_name, user_id") -> list[tuple[Any, ...]]:
        """Read columns of the landed events, in the order they landed."""
        return self._read(
            [entry.events for entry in self.entries()], columns, "load_seq, line_no, event_name, event_id"
        )

    def event_ids(self) -> list[str]:
        return [event_id for (event_id,) in self.events("event_id")]

    def withdrawn(self, columns: str = "record_id, load_seq") -> list[tuple[Any, ...]]:
        return self._read([entry.withdrawn for entry in self.entries()], columns, "load_seq, line_no")

    def quarantine(self, columns: str = "line_no, reason, raw") -> list[tuple[Any, ...]]:
        return self._read([entry.quarantine for entry in self.entries()], columns, "line_no")

    def _read(self, files: list[Any], columns: str, order: str) -> list[tuple[Any, ...]]:
        paths = [str(self.landing / file.path) for file in files if file]
        if not paths:
            return []
        con = connect(allowed=[self.landing])
        try:
            return con.read_parquet(paths).order(order).select(columns).fetchall()
        finally:
            con.close()


def assert_balanced(entry: Entry, landing: Path) -> None:
    """Every record has one fate, and the files hold what the ledger says."""
    assert sum(row.n_records for row in entry.ledger) == entry.n_records
    lines = (
        pq.read_table(landing / entry.events.path, columns=["line_no"])["line_no"].to_pylist() if entry.events else []
    )
    assert len({*lines}) == entry.n_accepted
    for file in filter(None, (entry.events, entry.quarantine)):
        assert pq.read_metadata(landing / file.path).num_rows == file.n_rows
        assert manifest.sha256_of(landing / file.path) == file.sha256
    n_quarantined = sum(row.n_records for row in entry.ledger if row.status == "quarantined")
    assert n_quarantined == (entry.quarantine.n_rows if entry.quarantine else 0)
