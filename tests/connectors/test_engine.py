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
