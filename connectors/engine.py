"""The one place that opens DuckDB: UTC, no extensions, no files but those allowed, configuration locked."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

STORAGE_VERSION = "v1.5.0"
"""What analysts' tools can read: their shells and drivers are often a version behind the engine."""


def connect(
    database: Path | None = None,
    *,
    allowed: Iterable[Path] = (),
    spill: Path | None = None,
    memory_limit: str = "4GB",
    read_only: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Open a hardened connection; SQL on it can touch only `database` and the folders and files in `allowed`.

    >>> con = connect()
    >>> run(con, "SELECT current_setting('TimeZone')")
    [('UTC',)]
    >>> run(con, "SELECT * FROM read_csv('/etc/hostname')")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    PermissionException: file system operations are disabled
    >>> con.close()
    """
    storage: dict[str, str | bool | int | float | list[str]] = {}
    if database and not read_only:
        storage["storage_compatibility_version"] = STORAGE_VERSION
    con = duckdb.connect(str(database) if database else ":memory:", read_only=read_only, config=storage)
    paths = [path.resolve() for path in allowed] + ([spill.resolve()] if spill else [])
    folders = [str(path) for path in paths if path.is_dir()]
    files = [str(path) for path in paths if not path.is_dir()]
    if run(con, "SELECT current_setting('lock_configuration')")[0][0]:
        return con  # This process has the file open already, and what holds for one connection holds for all.
    run(con, "SET GLOBAL TimeZone = 'UTC'")
    run(con, "SET memory_limit = $limit", {"limit": memory_limit})
    if spill:
        run(con, "SET temp_directory = $folder", {"folder": str(spill)})
    run(con, "SET allowed_directories = $folders", {"folders": folders})
    run(con, "SET allowed_paths = $files", {"files": files})
    run(con, "SET autoinstall_known_extensions = false")
    run(con, "SET autoload_known_extensions = false")
    run(con, "SET enable_external_access = false")
    run(con, "SET lock_configuration = true")
    return con


def run(con: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[Any]:
    """Execute one statement and fetch everything: an unread result would hold the connection."""
    return con.execute(sql, params).fetchall() if params is not None else con.execute(sql).fetchall()
