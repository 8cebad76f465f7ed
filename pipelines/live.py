"""A workspace as it is: the definition, the manifest, and the published tables, open for reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors import manifest
from connectors.engine import connect
from connectors.manifest import Entry
from pipelines.definition import Definition
from pipelines.errors import Violated, first_line
from pipelines.say import Say
from pipelines.warehouse import look_in
from pipelines.workspace import Workspace, build_id_of, published

AGAIN = "run `journeys run --full`, which builds it anew"
"""What mends whatever is wrong with a published build."""


@dataclass(frozen=True)
class Live:
    """What there is to verify. `con` may read the published build and what has landed, and write nothing."""

    workspace: Workspace
    definition: Definition
    entries: tuple[Entry, ...]
    folder: Path
    con: duckdb.DuckDBPyConnection
    say: Say

    @property
    def build_id(self) -> str:
        """The name of the published build."""
        return build_id_of(self.folder)


@contextmanager
def live(workspace: Workspace, definition: Definition, say: Say) -> Iterator[Live]:
    """Open what is published for verifying; raises NothingPublished when there is nothing, Violated when it cannot be read."""
    folder = published(workspace)
    file = folder / "journeys.duckdb"
    try:
        con = connect(file, allowed=[workspace.builds, workspace.landing], read_only=True)
        look_in(con, then=["main", "work"])
    except duckdb.Error as error:
        raise Violated("published files", f"{file} cannot be read ({first_line(error)}); {AGAIN}.") from error
    try:
        yield Live(workspace, definition, manifest.read(workspace.landing), folder, con, say)
    finally:
        con.close()
