"""Tables drawn in text, poured into DuckDB, and the models that are built over them.

A drawn table shows only the columns that matter; an empty cell is NULL. `09:30` is a time on 1 May 2024, `05-03` and
`05-03 09:30` are in 2024, and numbers may be arithmetic: `30 * 60`, `2 / 3`. An id may be drawn as what it names.
"""

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from connectors.engine import connect, run
from pipelines import models
from pipelines.block_list import as_it_is, block_list
from pipelines.definition import Identity
from pipelines.deliveries import DELIVERIES, FROZEN_KPIS, LANDED, WITHDRAWN
from pipelines.durations import seconds
from pipelines.tables import ANY, SHAPES, local_days
from pipelines.warehouse import make_model, prepare

Rows = list[dict[str, Any]]
Tables = Mapping[str, str | Rows]
"""By name: drawn in text, or as rows of plain values."""

EVENT = {
    "source": "web",
    "source_rank": 1,
    "event_name": "page_view",
    "is_passive": False,
    "sequence": 1,
    "load_seq": 1,
    "file_id": "file",
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "landed_events": EVENT,
    "source_events": EVENT,
    "events": EVENT,
    "settings": {
        "name": "shop",
        "title": "Shop",
        "session_rule": "gap",
        "session_gap_seconds": 1800,
        "session_cap_events": 2000,
        "session_cap_seconds": 86400,
        "attribute_back_seconds": 30 * 86400,
        "zone": "UTC",
        "period_days": 28,
    },
    "sources": {"connector": "files", "records": "append"},
    "touchpoint_rules": {},
    "journey_definitions": {
        "journey": "purchase",
        "subject": "person",
        "gap_seconds": 7 * 86400,
        "window_seconds": 7 * 86400,
    },
    "journey_steps": {"journey": "purchase", "touchpoint": "page", "visit_number": 1, "is_success": False},
    "journeys": {"journey": "purchase", "persona": "other", "is_direct": False},
    "journey_outcomes": {"journey": "purchase", "persona": "other", "is_direct": False},
    "journey_touches": {
        "journey": "purchase",
        "subject": "person",
        "source_rank": 1,
        "sequence": 1,
        "is_passive": False,
        "is_success": False,
    },
    "journey_periods": {"journey": "purchase", "persona": "other", "period": "all", "is_direct": False},
    "stages": {"journey": "purchase", "is_success": False},
    "stage_touchpoints": {"journey": "purchase"},
    "stage_visits": {"journey": "purchase", "visit_number": 1},
    "persona_rules": {
        "least_earlier_sessions": 0,
        "most_earlier_sessions": ANY,
        "least_earlier_orders": 0,
        "most_earlier_orders": ANY,
    },
    "sessions": {"persona": "other", "source": "web", "n_events": 1},
    "kpi_targets": {"kpi": "csat_score", "statistic": "rate", "direction": "higher", "as_of": datetime(2024, 12, 31)},
    "kpi_units": {"kpi": "csat_score", "persona": "other", "value": 1.0},
    "time_counts": {"journey": "purchase", "persona": "other", "period": "all"},
    "kpi_clusters": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "kpi_medians": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "kpi_estimates": {"kpi": "csat_score", "persona": "(all)"},
    "kpi_status": {"kpi": "csat_score", "persona": "(all)", "period": "all"},
    "periods": {"measure": "kpi:csat_score", "period": "all"},
}
"""What a column holds that is not drawn; where nothing is said here, NULL."""

PURCHASE: dict[str, str | Rows] = {
    "journey_definitions": "success_stage | success_position | as_of\nbuy | 3 | 06-30",
    "stages": "stage | position | is_success\nlook | 1 | no\ncart | 2 | no\nbuy | 3 | yes\nhelp | 4 | no",
    "stage_touchpoints": "stage | touchpoint\nlook | look\nlook | read\ncart | cart\nbuy | buy\nhelp | help",
}
"""A journey through the stages look, cart, buy (success) and help, with gap and window of 7 days, complete to 30 June."""

NEVER = datetime(2100, 1, 1)
"""When a unit matures that is drawn as immature; one that is drawn as mature is so as delivered."""
MATURE = "matures_at IS NULL OR matures_at <= (SELECT max(as_of) FROM kpi_targets)"
READ_BESIDE = {"identity_clusters": ("identifier_caps", "unlinked_identifiers")}
"""What a step in Python reads that is no model."""


@cache
def shapes() -> dict[str, dict[str, str]]:
    """Tell the columns and DuckDB types of every table that a model reads or is, by building all of them over nothing."""
    con = connect()
    prepare(con)
    given = {name: pa.schema(list(shape.items())) for name, shape in SHAPES.items()}
    given["landed_events"] = LANDED
    given["withdrawn_records"] = WITHDRAWN
    given["deliveries"] = DELIVERIES
    given["frozen_kpis"] = FROZEN_KPIS
    given["local_days"] = local_days(datetime(2024, 1, 1), datetime(2024, 1, 1), "UTC").schema
    for name, schema in given.items():
        con.from_arrow(schema.empty_table()).create(name)
    for name in models.build_order(models.models()):
        make_model(con, name, "main")
    found: dict[str, dict[str, str]] = {}
    columns = (
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index"
    )
    for table, column, kind in run(con, columns):
        found.setdefault(table, {})[column] = kind
    con.close()
    return found


def warehouse() -> duckdb.DuckDBPyConnection:
    """Open a connection in memory that knows the words of the models."""
    con = connect()
    prepare(con)
    return con


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


def pour(con: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """Make one table with the types it has in a build, and these rows."""
    drop(con, name)
    run(
        con,
        f"CREATE TABLE {name} (" + ", ".join(f'"{column}" {kind}' for column, kind in shapes()[name].items()) + ")",
    )
    if rows:
        con.register("poured", pa.Table.from_pylist(rows))
        run(con, f"INSERT INTO {name} BY NAME SELECT * FROM poured")
        con.unregister("poured")


def drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop a table, or the view in its place, if there is one."""
    for (kind,) in run(
        con, "SELECT table_type FROM information_schema.tables WHERE table_name = $name", {"name": name}
    ):
        run(con, f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")


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
    for day, instant in (("occurred_on", "occurred_at"), ("started_on", "started_at"), ("entered_on", "entered_at")):
        if day in columns and row.get(instant):
            row.setdefault(day, row[instant].date())
    return row


def cells(text: str) -> tuple[list[str], list[list[str]]]:
    """Read the column names and the rows of a drawn table, every cell as text.

    >>> cells("a | b\\n--+--\\n1 |")
    (['a', 'b'], [['1', '']])
    """
    lines = [line for line in text.strip().splitlines() if line.strip() and not set(line.strip()) <= set("-+ ")]
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return head, rows


def for_everyone(text: str) -> str:
    """Draw the rows twice: of the one persona there is, and of (all).

    >>> print(for_everyone("n\\n1"))
    persona | n
    other | 1
    (all) | 1
    """
    head, rows = cells(text)
    drawn = [["persona", *head], *([persona, *row] for persona in ("other", "(all)") for row in rows)]
    return "\n".join(" | ".join(line) for line in drawn)


def value_of(kind: str, cell: str) -> Any:
    """Read a cell as a value of a DuckDB type.

    >>> value_of("TIMESTAMP", "09:30"), value_of("DATE", "05-03"), value_of("BIGINT", "30 * 60"), value_of("BOOLEAN", "yes")
    (datetime.datetime(2024, 5, 1, 9, 30), datetime.date(2024, 5, 3), 1800, True)
    """
    match kind:
        case _ if not cell:
            return None
        case "TIMESTAMP":
            return instant(cell)
        case "DATE":
            return instant(cell).date()
        case "BOOLEAN":
            return {"yes": True, "no": False}[cell]
        case "VARCHAR":
            return cell
        case "DOUBLE":
            return float(_number(cell))
        case _ if kind.startswith("DECIMAL"):
            return Decimal(cell)
        case _:
            return int(_number(cell))


def _number(cell: str) -> Any:
    return eval(cell, {"__builtins__": {}, "sqrt": math.sqrt})


def instant(text: str) -> datetime:
    """Read a drawn time.

    >>> instant("09:00:00.000001").microsecond, instant("05-03"), instant("2023-12-31 23:59").year
    (1, datetime.datetime(2024, 5, 3, 0, 0), 2023)
    """
    if re.match(r"\d\d:", text):
        text = f"05-01 {text}"
    return datetime.fromisoformat(text if re.match(r"\d{4}", text) else f"2024-{text}")


def id_of(name: str) -> str:
    """Make the id of what a text names, as the macro of this name does.

    >>> id_of("user:web:ann")
    'MDqbqClinPAJ'
    """
    return base64.b64encode(hashlib.md5(name.encode()).digest()[:9], b"._").decode()


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
