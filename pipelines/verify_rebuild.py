"""The check that takes longest: everything, built anew from the landed files, is what is published."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.engine import connect, run
from pipelines.build import build, inputs
from pipelines.errors import JourneysError
from pipelines.live import AGAIN, Live
from pipelines.publish import write_outputs
from pipelines.verify_build import ATTACH
from pipelines.workspace import Workspace

REMEMBERED = ("main.restatements", "main.person_changes")
"""Tables that remember from build to build, and so are no function of what has landed alone."""
TABLES = """
SELECT schema_name || '.' || table_name AS name, bool_or(database_name = 'older'), bool_or(database_name = 'newer')
FROM duckdb_tables()
WHERE database_name IN ('older', 'newer') AND schema_name IN ('main', 'work')
GROUP BY name
ORDER BY name
"""
"""Those of readers, and those that the next build begins from, and whether each is published and was built anew."""


@dataclass(frozen=True)
class Scratch(Workspace):
    """A workspace whose builds go elsewhere, and of which nothing is published."""

    folder: Path

    @property
    def builds(self) -> Path:
        return self.folder

    @property
    def current(self) -> Path:
        return self.folder / "current"


def full_rebuild(live: Live) -> Iterator[str]:
    """All that is published equals what is built anew from the landed files alone: tables row for row, other files byte for byte."""
    given = inputs(live.workspace, live.definition, is_full=True)
    if given.build_id != live.build_id:
        raise JourneysError(
            f"Build {live.build_id} is published, and from what has landed would come {given.build_id}; "
            "run `journeys run --full`, then verify again."
        )
    scratch = live.workspace.scratch
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        folder = build(Scratch(live.workspace.root, scratch), live.definition, given, live.say, is_full=True)
        yield from _differences(live, folder)
        write_outputs(folder, live.say)
        yield from _other_outputs(live, folder)
    finally:
        shutil.rmtree(scratch)


def _other_outputs(live: Live, rebuilt: Path) -> Iterator[str]:
    for path in sorted(rebuilt.glob("*/[!.]*")):
        is_published = live.folder / path.relative_to(rebuilt)
        if not is_published.is_file() or is_published.read_bytes() != path.read_bytes():
            yield f"{is_published} is not what comes of its tables, or other versions of plotly and pyarrow wrote it; {AGAIN}."


def _differences(live: Live, rebuilt: Path) -> Iterator[str]:
    con = connect(allowed=[live.workspace.builds, rebuilt])
    try:
        run(con, ATTACH["older"], {"file": str(live.folder / "journeys.duckdb")})
        run(con, ATTACH["newer"], {"file": str(rebuilt / "journeys.duckdb")})
        for name, is_there, is_made in run(con, TABLES):
            if name in REMEMBERED:
                continue
            if not (is_there and is_made):
                yield f"The table {name} is {'only published' if is_there else 'not published'}; {AGAIN}."
                continue
            is_published, anew = con.table(f"older.{name}"), con.table(f"newer.{name}")
            for here, there, words in ((is_published, anew, "only published"), (anew, is_published, "only built anew")):
                n = len(here.except_(there).limit(1_000).fetchall())
                if n:
                    yield (
                        f"The table {name} has {n:,}{' or more' if n == 1_000 else ''} rows that are {words}; "
                        f"{AGAIN}, and report it."
                    )
    finally:
        con.close()
