"""Find the files of a source and offer each, once, as a delivery."""

import glob
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from connectors.delivery import Context, Delivery, Load
from connectors.errors import SourceUnavailable
from connectors.manifest import sha256_of


def matching(pattern: str, root: Path) -> list[tuple[str, Path]]:
    """List the files that match, in order, each with its name below the pattern's fixed folder.

    `$NAME` in the pattern stands for an environment variable; a relative pattern starts at `root`.
    """
    expanded = os.path.expandvars(pattern)
    if unset := re.search(r"\$\{?(\w+)", expanded):
        raise SourceUnavailable(f"The environment variable {unset[1]} in the path '{pattern}' is not set; export it and run again.")
    full = root / expanded
    base = Path(*(part for part in _until_wildcard(full.parts)))
    base = base.parent if base == full else base
    found = sorted(Path(name) for name in glob.glob(str(full), recursive=True) if Path(name).is_file())
    if not found:
        raise SourceUnavailable(f"No file matches '{pattern}' (looked in {base}); put one there or mend `path`.")
    return [(path.relative_to(base).as_posix(), path) for path in found]


def _until_wildcard(parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        if re.search(r"[*?\[]", part):
            return
        yield part


def deliveries(pattern: str, context: Context, load_of: Callable[[Path], Load]) -> Iterator[Delivery]:
    """Yield a delivery for each file that has not landed yet under this name with these bytes."""
    files = matching(pattern, context.root)
    for number, (name, path) in enumerate(files, 1):
        digest = sha256_of(path)
        if (name, digest) in context.landed:
            continue
        context.progress(f"{name} ({number} of {len(files)}, {path.stat().st_size / 1e6:.1f} MB)")
        yield Delivery(name=name, sha256=digest, n_bytes=path.stat().st_size, load=load_of(path), path=path)

