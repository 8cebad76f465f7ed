"""What must hold of a workspace after a fault, and after the next run."""

import json
from pathlib import Path

from connectors.engine import connect, run

TABLES = """
SELECT table_schema || '.' || table_name
FROM information_schema.tables
WHERE table_catalog = $catalog
ORDER BY ALL
"""
REMEMBER = {"main.restatements", "main.person_changes"}
"""Tables that tell of the builds before theirs: equal only where those were the same."""


def current(root: Path) -> Path:
    """The build that readers see."""
    return (root / "current").resolve(strict=True)


def assert_one_whole_build(root: Path, *others: Path) -> None:
    """Readers see a build of one of the other workspaces, whole: its tables, its Parquet files, its pages."""
    wholes = {current(other).name: current(other) for other in others}
    seen = current(root)
    assert seen.name in wholes
    assert_same_build(seen, wholes[seen.name])


def assert_recovered(root: Path, reference: Path, *, same_history: bool = True) -> None:
    """After the next run all is as if nothing had happened: build, ledger, and no file that should not be there."""
    assert_same_build(current(root), current(reference), same_history=same_history)
    assert_ledger_balances(root)
    assert files(root) == files(reference)


def assert_same_build(one: Path, other: Path, *, same_history: bool = True) -> None:
    """Two builds are equal: each table row for row, each Parquet file and page byte for byte."""
    assert files(one) == files(other)
    for name in files(one):
        if name.endswith((".parquet", ".html")):
            assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert differences(one, other, set() if same_history else REMEMBER) == {}


def differences(one: Path, other: Path, but: set[str]) -> dict[str, list[object]]:
    """Rows that only one of two builds has, by table; schemas first."""
    con = connect(allowed=[one, other])
    try:
        for name, folder in (("one", one), ("other", other)):
            run(con, f"ATTACH '{folder / 'journeys.duckdb'}' AS {name} (READ_ONLY)")
        names = [{table for (table,) in run(con, TABLES, {"catalog": name})} for name in ("one", "other")]
        found: dict[str, list[object]] = {table: ["is in one alone"] for table in names[0] ^ names[1]}
        for table in sorted((names[0] & names[1]) - but):
            left, right = f"FROM one.{table}", f"FROM other.{table}"
            if rows := run(con, f"({left} EXCEPT ALL {right}) UNION ALL ({right} EXCEPT ALL {left}) LIMIT 3"):
                found[table] = rows
        return found
    finally:
        con.close()


def assert_ledger_balances(root: Path) -> None:
    """Every physical line of every delivered file has one fate in the ledger and in the manifest."""
    n_lines = sum(len(path.read_text().splitlines()) - 1 for path in root.glob("web/*.csv"))
    n_lines += sum(len(path.read_text().splitlines()) for path in root.glob("orders/*.jsonl"))
    _, *entries = map(json.loads, (root / "landing" / "manifest.jsonl").read_text().splitlines())
    assert sum(row["n_records"] for entry in entries for row in entry["ledger"]) == n_lines
    con = connect(current(root) / "journeys.duckdb", allowed=[current(root)], read_only=True)
    try:
        assert run(con, "SELECT sum(n_records) FROM ledger") == [(n_lines,)]
        assert run(con, "SELECT build_id FROM build") == [(current(root).name,)]
    finally:
        con.close()


def files(folder: Path) -> set[str]:
    """The names of everything below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
