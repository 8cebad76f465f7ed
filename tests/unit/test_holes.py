"""Deleted rows leave holes in the published file: a night says when they are many, and filling them moves rows together."""

from pathlib import Path

from connectors.engine import connect, run
from pipelines.incremental import HOLES

N_ROWS = 1_000_000
"""Eight row groups of 122,880 rows: DuckDB moves rows together only where a whole group becomes free."""


def is_full_of_holes(file: Path) -> bool:
    con = connect(file, read_only=True)
    try:
        return bool(run(con, HOLES)[0][0])
    finally:
        con.close()


def delete(file: Path, condition: str, *, fills_holes: bool) -> None:
    con = connect(file, fills_holes=fills_holes)
    run(con, f"DELETE FROM events WHERE {condition}")
    con.close()


def test_holes_are_many_when_a_fifth_of_the_rows_is_deleted_until_they_are_filled(tmp_path):
    file = tmp_path / "journeys.duckdb"
    con = connect(file)
    run(con, f"CREATE TABLE events AS SELECT range AS event_no FROM range({N_ROWS})")
    run(con, "CREATE TABLE journey_steps (step_number BIGINT)")
    con.close()
    told = [is_full_of_holes(file)]
    for rest in range(3):
        delete(file, f"event_no % 10 = {rest}", fills_holes=False)
        told.append(is_full_of_holes(file))
    assert told == [False, False, False, True]

    delete(file, "event_no % 100 = 3", fills_holes=True)
    assert not is_full_of_holes(file)
    con = connect(file, read_only=True)
    assert run(con, "SELECT count(*) FROM events")[0][0] == N_ROWS * (0.7 - 0.01)
    con.close()
