"""The one place that opens DuckDB: what a connection may do, how its statements are stopped, what a transaction keeps."""

import ast
import re
import threading
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from connectors.engine import connect, interrupt, run, transaction

ROOT = Path(__file__).parents[2]
MODULES = [path for package in ("connectors", "pipelines") for path in sorted((ROOT / package).rglob("*.py"))]

CONTROL = re.compile(r"(begin|commit|rollback|(begin|start|end) transaction);?", re.IGNORECASE)
"""A statement that begins or ends a transaction."""


@pytest.fixture
def days():
    """A connection with a table of one day."""
    con = connect()
    run(con, "CREATE TABLE days AS SELECT 1 AS day")
    yield con
    con.close()


OUTSIDE = {
    "a file of the machine": "SELECT * FROM read_csv('/etc/hostname')",
    "a file of the process": "SELECT * FROM read_text('/proc/self/environ')",
    "up and out of what is allowed": "SELECT * FROM read_text('{allowed}/../secret.txt')",
    "a folder whose name begins alike": "SELECT * FROM read_text('{allowed}-2/secret.txt')",
    "by a name as a table": "FROM '{folder}/secret.csv'",
    "a list of files": "SELECT * FROM glob('/etc/*')",
    "by a pattern": "SELECT * FROM read_text('{folder}/*.txt')",
    "another database": "ATTACH '{folder}/other.duckdb' AS other",
    "a copy out": "COPY (SELECT 1 AS x) TO '{folder}/out.csv'",
    "an export": "EXPORT DATABASE '{folder}/exported'",
    "the network": "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "an extension": "INSTALL httpfs",
    "an extension that is there": "LOAD '{folder}/x.duckdb_extension'",
    "access again": "SET enable_external_access = true",
    "other folders": "SET allowed_directories = ['/']",
    "another memory limit": "SET memory_limit = '100GB'",
    "a secret": "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_a_statement_reaches_nothing_outside_of_what_it_was_given(what: str, tmp_path: Path) -> None:
    allowed = tmp_path / "given"
    for folder in (allowed, tmp_path / "given-2"):
        folder.mkdir()
        (folder / "secret.txt").write_text("x")
    for name in ("secret.txt", "secret.csv"):
        (tmp_path / name).write_text("x")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    con = connect(allowed=[allowed])
    assert run(con, f"SELECT count(*) FROM read_text('{allowed}/*.txt')") == [(1,)]
    with pytest.raises(duckdb.Error, match=r"(?i)disabled|locked|permission|cannot (access|be changed)"):
        run(con, OUTSIDE[what].format(allowed=allowed, folder=tmp_path))
    con.close()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_transaction_keeps_all_of_it(days: duckdb.DuckDBPyConnection) -> None:
    for day in (2, 3):
        with transaction(days):
            run(days, "INSERT INTO days VALUES ($day)", {"day": day})
            run(days, "CREATE OR REPLACE TABLE last_day AS SELECT max(day) AS day FROM days")
    assert run(days, "SELECT day FROM days ORDER BY day") == [(1,), (2,), (3,)]
    assert run(days, "SELECT day FROM last_day") == [(3,)]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_a_transaction_undoes_all_of_it_and_is_raised(
    days: duckdb.DuckDBPyConnection, error: type[BaseException]
) -> None:

    def delete() -> None:
        with transaction(days):
            run(days, "DELETE FROM days")
            raise error

    with pytest.raises(error):
        delete()
    assert run(days, "SELECT day FROM days") == [(1,)]
    with transaction(days):
        run(days, "INSERT INTO days VALUES (2)")
    assert len(run(days, "SELECT day FROM days")) == 2


@pytest.mark.parametrize("statement", ["INSERT INTO days VALUES ('x')", "SELECT error('no')"])
def test_a_failed_statement_cannot_be_swallowed_in_a_transaction(
    days: duckdb.DuckDBPyConnection, statement: str
) -> None:

    def insert() -> None:
        with transaction(days):
            run(days, "INSERT INTO days VALUES (2)")
            with suppress(duckdb.Error):
                run(days, statement)

    with pytest.raises(duckdb.TransactionException):
        insert()
    assert run(days, "SELECT day FROM days") == [(1,)]


def test_a_statement_of_hours_is_interrupted(days: duckdb.DuckDBPyConnection) -> None:
    stopper = threading.Timer(0.3, interrupt)
    stopper.start()
    begun = time.monotonic()
    with pytest.raises(duckdb.InterruptException):
        run(days, "SELECT max(a.i * b.i) FROM range(1000000000) AS a(i), range(1000000000) AS b(i)")
    assert time.monotonic() - begun < 2
    assert run(days, "SELECT day FROM days") == [(1,)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_place_opens_duckdb_or_begins_a_transaction(path: Path) -> None:
    if path == ROOT / "connectors" / "engine.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="duckdb"), attr="connect")):
                pytest.fail(f"line {node.lineno}: open DuckDB by connectors.engine.connect")
            case ast.Call(func=ast.Attribute(attr="begin" | "commit" | "rollback", value=ast.Name(id="con"))):
                pytest.fail(f"line {node.lineno}: use connectors.engine.transaction")
            case ast.Call(func=ast.Name(id="run") | ast.Attribute(attr="execute" | "sql" | "query")) if any(
                isinstance(given, ast.Constant) and CONTROL.fullmatch(str(given.value)) for given in node.args
            ):
                pytest.fail(f"line {node.lineno}: use connectors.engine.transaction")
