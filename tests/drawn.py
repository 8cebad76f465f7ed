"""Tables drawn in text, poured into DuckDB, and the models that are built over them.

A drawn table shows only the columns that matter; an empty cell is NULL. `09:30` is a time on 1 May 2024, `05-03` and
`05-03 09:30` are in 2024, and numbers may be arithmetic: `30 * 60`, `2 / 3`. An id may be drawn as what it names.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from connectors.engine import run
from pipelines import models
from pipelines.block_list import as_it_is, block_list
from pipelines.durations import seconds
from pipelines.source_parts import Identity
from pipelines.table_shapes import SHAPES
from pipelines.tables import local_days
from pipelines.warehouse import make_model
from tests.drawn_defaults import DEFAULTS, Rows, Tables
from tests.drawn_text import cells, id_of, instant, value_of
from tests.drawn_warehouse import drop, pour, shapes, warehouse

NEVER = datetime(2025, 2, 1)
"""When a unit matures that is drawn as immature; one that is drawn as mature is so as delivered."""

MATURE = "matures_at IS NULL OR matures_at <= (SELECT max(as_of) FROM kpi_targets)"

READ_BESIDE = {"identity_clusters": ("identifier_caps", "unlinked_identifiers")}
"""What a step in Python reads that is no model."""


def build(con: duckdb.DuckDBPyConnection, names: Iterable[str], tables: Tables) -> None:
    """Make the tables `names`: what is given as it is, what reads it by its model, all else empty or with defaults."""
    given = {name: rows_of(name, rows) for name, rows in tables.items()}
    wanted = _needed(names, frozenset(given))
    given = _undrawn(given) | given
    for name in [*(name for name in shapes() if name not in _order()), *_order()]:
        if name not in wanted:
            continue
        if name in given or not _is_built(name, frozenset(tables)):
            pour(con, name, given.get(name, []))
        else:
            if name not in models.STEPS:
                drop(con, name)
            make_model(con, name, "main")


@cache
def _order() -> tuple[str, ...]:
    return tuple(models.build_order(models.models()))


@cache
def _inputs(name: str) -> frozenset[str]:
    if name in models.STEPS:
        return frozenset(models.STEPS[name]) | frozenset(READ_BESIDE.get(name, ()))
    return frozenset(models.tables_read(models.models()[name].sql) if name in models.models() else ())


@cache
def _is_built(name: str, drawn: frozenset[str]) -> bool:
    """Whether a table is not drawn itself, but rests on one that is; the definition alone makes no rows."""
    return name not in drawn and any(
        source in drawn - SHAPES.keys() or _is_built(source, drawn) for source in _inputs(name)
    )


def _needed(names: Iterable[str], drawn: frozenset[str]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _inputs(name) if _is_built(name, drawn) else ()
    return found


def _undrawn(given: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables that are there without being drawn: settings, what counts as nobody, caps, local days of all instants.

    And one source, and one target of a KPI, per name seen.
    """
    values = [value for rows in given.values() for row in rows for value in row.values()]
    instants = [value for value in values if isinstance(value, datetime)] or [datetime(2024, 5, 1)]
    names = dict.fromkeys(row["source"] for rows in given.values() for row in rows if row.get("source"))
    kpis = dict.fromkeys(row["kpi"] for rows in given.values() for row in rows if row.get("kpi"))
    settings = given.get("settings") or rows_of("settings", [{}])
    return {
        "settings": settings,
        "kpi_targets": rows_of("kpi_targets", [{"kpi": kpi} for kpi in kpis]),
        "block_list": rows_of("block_list", block_list(Identity(), as_it_is)),
        "identifier_caps": [{"kind": kind, "most": most} for kind, most in Identity().caps],
        "sources": rows_of("sources", [{"source": name} for name in names or ["web"]]),
        "local_days": local_days(min(instants), max(instants), settings[0]["zone"]).to_pylist(),
    }


def rows_of(table: str, drawn: str | Rows) -> Rows:
    """Read a drawn table as rows of plain values, with the defaults of the columns that are not drawn."""
    if isinstance(drawn, str):
        head, lines = cells(drawn)
        drawn = [
            {column: value_of(_kind(table, column), cell) for column, cell in zip(head, line, strict=True)}
            for line in lines
        ]
    known = {column: value for column, value in DEFAULTS.get(table, {}).items() if column in shapes()[table]}
    return [_filled(table, known | row, number) for number, row in enumerate(drawn, 1)]


def _kind(table: str, column: str) -> str:
    """The type of a column; where a table says when a unit matures, whether it has may be drawn."""
    return "BOOLEAN" if _matures(table, column) else shapes()[table][column]


def _matures(table: str, column: str) -> bool:
    return column == "is_mature" and "matures_at" in shapes()[table]


def _filled(table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
    """Fill in what follows from the place of a row, and from its other columns."""
    columns = shapes()[table]
    if _matures(table, "is_mature") and "is_mature" in row:
        row = {key: value for key, value in row.items() if key != "is_mature"} | {
            "matures_at": None if row["is_mature"] else NEVER
        }
    for column in ("event_id", "unit_id", "identifier"):
        if column in columns:
            row.setdefault(column, f"{column[0]}{number:03}")
    for column in ("line_no", "position", "source_rank", "event_no"):
        if column in columns:
            row.setdefault(column, number)
    if table == "sources":
        for column in columns:
            if column.endswith("_namespace"):
                row.setdefault(column, row["source"])
    for day, at in (("occurred_on", "occurred_at"), ("started_on", "started_at"), ("entered_on", "entered_at")):
        if day in columns and row.get(at):
            row.setdefault(day, row[at].date())
    return row


def assert_table(con: duckdb.DuckDBPyConnection, name: str, expected: str) -> None:
    """Insist that the drawn columns of a table hold the drawn rows, in any order; numbers to nine digits."""
    head, lines = cells(expected)
    kinds = [_kind(name, column) for column in head]
    names = {id_of(cell): cell for line in lines for cell in line}
    found = run(con, f"SELECT {', '.join(MATURE if _matures(name, column) else column for column in head)} FROM {name}")
    shown = sorted(tuple(names.get(text, text) for text in map(_shown, row)) for row in found)
    drawn = sorted(
        tuple(_shown(value_of(kind, cell)) for kind, cell in zip(kinds, line, strict=True)) for line in lines
    )
    assert shown == drawn, f"{name}: found\n{_drawing(head, shown)}\nwhere this is drawn\n{_drawing(head, drawn)}"


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() | int() | Decimal():
            return f"{float(value) + 0:.9g}"
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _drawing(head: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(" | ".join(line) for line in [head, *rows])


def model_of(name: str, tables: Tables, expected: str) -> None:
    """Build one model over drawn tables, and insist on what is drawn of it."""
    con = warehouse()
    try:
        build(con, [name, "kpi_targets"], tables)
        assert_table(con, name, expected)
    finally:
        con.close()


def kpi_of(name: str, as_of: str, tables: Tables, expected: str) -> None:
    """Build one KPI as of an instant, with what the header of its file says, and insist on its units."""
    header = models.kpi_models()[name].header
    target = {
        "kpi": name,
        "statistic": header["statistic"],
        "direction": header["direction"],
        "journey": "purchase",
        "as_of": instant(as_of),
        "window_seconds": seconds(header["window"]) if "window" in header else None,
    }
    model_of(name, {"kpi_targets": [target], **tables}, expected)
