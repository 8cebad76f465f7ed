"""Verify a live workspace: every promise that can be checked on what has landed and what is published, in turn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from pipelines.definition import load
from pipelines.errors import Violated, first_line, is_damage
from pipelines.live import AGAIN, Live, live
from pipelines.say import Say
from pipelines.verify_build import history, one_build, privacy, shared, tables
from pipelines.verify_files import erasures, landed_files, ledger, modes, published_files
from pipelines.verify_identity import identity
from pipelines.verify_rebuild import full_rebuild
from pipelines.workspace import Workspace, locked

Check = Callable[[Live], Iterator[str]]

CHECKS: dict[str, Check] = {
    "landed files": landed_files,
    "ledger": ledger,
    "erasures": erasures,
    "published files": published_files,
    "modes": modes,
    "one build": one_build,
    "tables": tables,
    "shared files": shared,
    "identity": identity,
    "history": history,
    "privacy": privacy,
}
"""Each gives a sentence for every violation that it finds: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Verified:
    """The build that was verified, and the names of the checks that it passed."""

    build_id: str
    checks: tuple[str, ...]


def verify(
    workspace: Workspace, say: Say, is_deep: bool = False, overrides: Mapping[str, str] | None = None
) -> Verified:
    """Check every promise; raises Violated with the first sentence.

    `is_deep` also builds everything anew from the landed files, in a folder of its own, and compares all tables and pages:
    that takes as long as a full build, and as much room.
    """
    definition = load(workspace.definition, overrides)
    checks = CHECKS | ({"full rebuild": full_rebuild} if is_deep else {})
    with locked(workspace), live(workspace, definition, say) as found:
        for number, (name, check) in enumerate(checks.items(), 1):
            say(f"verify {name} ({number} of {len(checks)})")
            try:
                if sentence := next(check(found), None):
                    raise Violated(name, sentence)
            except duckdb.Error as error:
                if not is_damage(error):
                    raise
                raise Violated(name, f"A file cannot be read ({first_line(error)}); {AGAIN}.") from error
        return Verified(found.build_id, tuple(checks))
