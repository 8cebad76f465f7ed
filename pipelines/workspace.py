"""A workspace: a folder with a journey.yaml, in which landing/, builds/ and current appear."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import NothingPublished, WorkspaceBusy


@dataclass(frozen=True)
class Workspace:
    """The paths of a workspace."""

    root: Path

    @property
    def definition(self) -> Path:
        return self.root / "journey.yaml"

    @property
    def key(self) -> Path:
        return self.root / "journeys.key"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def builds(self) -> Path:
        return self.root / "builds"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def receipts(self) -> Path:
        """Where each erasure leaves its receipt."""
        return self.root / "erasures"

    @property
    def scratch(self) -> Path:
        """Where `verify --deep` builds everything once more."""
        return self.root / ".verify"


def published(workspace: Workspace) -> Path:
    """Find the folder that `current` points to; raises NothingPublished when there is none."""
    if not workspace.current.exists():
        raise NothingPublished(f"Nothing has been published in {workspace.root}; run `journeys run` there first.")
    return workspace.current.resolve()


def build_id_of(folder: Path) -> str:
    """The build that a published folder holds; one made anew under the same id bears a suffix.

    >>> build_id_of(Path("builds/2024-05-01-0123456789ab.again"))
    '2024-05-01-0123456789ab'
    """
    return folder.name.partition(".")[0]


def remove_build(folder: Path) -> None:
    """Remove a build; one that is half gone has a name by which nobody takes it for whole."""
    gone = folder.with_name(".gone")
    if gone.exists():
        shutil.rmtree(gone)
    if folder.exists():
        os.replace(folder, gone)
        shutil.rmtree(gone)


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace for one run; a second one is refused at once. A killed run lets go by itself."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    handle = os.open(workspace.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 20).decode(errors="replace").strip()
        os.close(handle)
        raise WorkspaceBusy(
            f"{workspace.root} is held by another run (process {holder or 'unknown'}); wait for it, or stop it."
        ) from None
    try:
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
