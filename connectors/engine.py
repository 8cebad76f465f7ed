"""The one place that opens DuckDB: UTC, no extensions, no files but those allowed, configuration locked."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakSet

import duckdb

STORAGE_VERSION = "v1.5.0"
"""What analysts' tools can read: their shells and drivers are often a version behind the engine."""

_opened: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()
_opening = Lock()


def connect(
    database: Path | None = None,
    *,
    allowed: Iterable[Path] = (),
    spill: Path | None = None,
    memory_limit: str = "4GB",
    read_only: bool = False,
    keeps_order: bool = True,
    fills_holes: bool = True,
) -> duckdb.DuckDBPyConnection:
    """Open a hardened connection; SQL on it can touch only `database` and the folders and files in `allowed`.

    Without `keeps_order` rows come in any order unless a statement says one, which takes less memory. Without
    `fills_holes` what deleted rows leave in the file is not moved together.

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
    with _opening:
        _opened.add(con)
    paths = [path.resolve() for path in allowed] + ([spill.resolve()] if spill else [])
    folders = [str(path) for path in paths if path.is_dir()]
    files = [str(path) for path in paths if not path.is_dir()]
    if run(con, "SELECT current_setting('lock_configuration')")[0][0]:
        return con  # This process has the file open already, and what holds for one connection holds for all.
    run(con, "SET GLOBAL TimeZone = 'UTC'")
    if not keeps_order:
        run(con, "SET preserve_insertion_order = false")
    if not fills_holes:
        run(con, "SET GLOBAL max_vacuum_tasks = 0")
    run(con, "SET memory_limit = $limit", {"limit": memory_limit})
    if spill:
        run(con, "SET temp_directory = $folder", {"folder": str(spill)})
        # What spills is a build: its file is written to the disk once, at its end, and not whenever its log has grown.
        run(con, "SET checkpoint_threshold = '1TB'")
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


def interrupt() -> None:
    """Stop the statement that runs on each connection of this process, from another thread: it raises InterruptException."""
    with _opening:
        opened = list(_opened)
    for con in opened:
        with suppress(duckdb.ConnectionException):  # closed, and not collected yet
            con.interrupt()


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep all that the statements inside do, or nothing: any error rolls back and is raised again.

    DuckDB says yes to the COMMIT of a transaction in which a statement failed, and keeps nothing of it. So a token is
    written with the rest and looked for afterwards: who catches such an error inside learns it here.

    >>> con = connect()
    >>> with transaction(con):
    ...     _ = run(con, "CREATE TABLE days AS SELECT 1 AS day")
    >>> with transaction(con):  # doctest: +IGNORE_EXCEPTION_DETAIL
    ...     _ = run(con, "INSERT INTO days VALUES (2)")
    ...     with suppress(duckdb.ConversionException):
    ...         _ = run(con, "INSERT INTO days VALUES ('tomorrow')")
    Traceback (most recent call last):
    TransactionException: nothing of this transaction was kept: a statement in it failed, and that error was caught
    >>> run(con, "SELECT day FROM days")
    [(1,)]
    >>> con.close()
    """
    run(con, "BEGIN")
    try:
        run(con, "CREATE TEMP TABLE transaction_token AS SELECT 1 AS token")
        yield
        run(con, "COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # rolled back already
            run(con, "ROLLBACK")
        raise
    try:
        run(con, "DROP TABLE temp.transaction_token")
    except duckdb.CatalogException:
        raise duckdb.TransactionException(
            "nothing of this transaction was kept: a statement in it failed, and that error was caught"
        ) from None
