"""Find the files of a source and offer each, once, as a delivery."""

import glob
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel

from connectors.delivery import Context, Delivery, Load
from connectors.errors import SourceUnavailable
from connectors.manifest import sha256_of

MAX_FILE_BYTES = 100_000_000_000
"""What a file may unpack to, unless its source says `max_bytes`."""

DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


def matching(pattern: str, root: Path) -> list[tuple[str, Path]]:
    """List the files that match, in order, each with its name below the pattern's fixed folder.

    `$NAME` in the pattern stands for an environment variable; a relative pattern starts at `root`.
    """
    expanded = os.path.expandvars(pattern)
    if unset := re.search(r"\$\{?(\w+)", expanded):
        raise SourceUnavailable(
            f"The environment variable {unset[1]} in the path '{pattern}' is not set; export it and run again."
        )
    fixed = Path(*_until_wildcard(Path(expanded).parts))
    base = root / (fixed.parent if fixed == Path(expanded) else fixed)
    found = sorted(
        path for name in glob.glob(expanded, root_dir=root, recursive=True) if (path := root / name).is_file()
    )
    if not found:
        raise SourceUnavailable(f"No file matches '{pattern}' (looked in {base}); put one there or mend `path`.")
    return [(path.relative_to(base).as_posix(), path) for path in found]


def _until_wildcard(parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        if re.search(r"[*?\[]", part):
            return
        yield part


def reads_files(config: BaseModel) -> bool:
    """Tell a source whose inputs are files, which can be read again as they were, from one that answers anew."""
    return "path" in type(config).model_fields


def deliveries(pattern: str, context: Context, load_of: Callable[[Path], Load]) -> Iterator[Delivery]:
    """Yield a delivery for each file that has not landed yet under this name with these bytes.

    For a range of days: for each file of such a day, landed or not.
    """
    files = matching(pattern, context.root)
    for number, (name, path) in enumerate(files, 1):
        try:
            if context.days and not context.days[0] <= day_of(path) <= context.days[1]:
                continue
            digest, n_bytes = sha256_of(path), path.stat().st_size
        except OSError as error:
            raise SourceUnavailable(
                f"{path} cannot be read ({error.strerror}); see who may read it and run again."
            ) from error
        if (name, digest) in context.landed and not context.days:
            continue
        context.progress(f"{name} ({number} of {len(files)}, {n_bytes / 1e6:.1f} MB)")
        yield Delivery(
            name=name,
            sha256=digest,
            n_bytes=n_bytes,
            load=load_of(path),
            path=path,
            is_overlap=(name, digest) in context.landed,
        )


def day_of(path: Path) -> date:
    """The day of a file: the last one that its name tells, else that of its last change (UTC).

    >>> day_of(Path("2023/orders_20240501.csv.gz"))
    datetime.date(2024, 5, 1)
    """
    for year, month, day in reversed(DAY.findall(path.name)):
        with suppress(ValueError):
            return date(int(year), int(month), int(day))
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
