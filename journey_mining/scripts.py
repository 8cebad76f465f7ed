"""The SQL files of this package, and how they are shown so that anybody can run them in a DuckDB shell."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files

import pandas as pd

AT_ONCE = 1000
"""Rows of a table that one statement makes."""
TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$(\w+)")


def read(query: str) -> str:
    """Return the text of `query`.sql, a file of this package."""
    return (files("journey_mining") / f"{query}.sql").read_text(encoding="utf-8")


def shown(text: str, parameters: Mapping[str, object] | None) -> str:
    """Return a statement with its parameters written out; what stands in comments and texts is left alone.

    >>> shown("SELECT $names, '$names' -- $names", {"names": ["a", "b's"]})
    "SELECT ['a', 'b''s'], '$names' -- $names"
    """
    known = parameters or {}

    def written(token: re.Match[str]) -> str:
        name = token.group(1)
        return literal(known[name]) if name in known else token.group(0)

    return TOKEN.sub(written, text).strip()


def literal(value: object) -> str:
    """Return a value as DuckDB reads it.

    >>> [literal(value) for value in (None, True, 3, 0.5, "it's", [1, None], timedelta(days=7))]
    ['NULL', 'TRUE', '3', '0.5', "'it''s'", '[1, NULL]', "INTERVAL '604800000000 microseconds'"]
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int() | float():
            return repr(value)
        case timedelta():
            return f"INTERVAL '{value // timedelta(microseconds=1)} microseconds'"
        case datetime():
            return f"TIMESTAMP '{value.isoformat(' ')}'"
        case list() | tuple():
            return f"[{', '.join(map(literal, value))}]"
    return "'" + str(value).replace("'", "''") + "'"


def values(name: str, table: pd.DataFrame) -> list[str]:
    """Return the statements that make a table of ours; many rows come a thousand at a time, as reading them takes memory.

    >>> print(*values("wanted", pd.DataFrame({"position": [1, 2], "stage": ["cart", "buy"]})))
    CREATE OR REPLACE TEMP TABLE wanted AS FROM (VALUES
        (1, 'cart'),
        (2, 'buy')
    ) AS wanted("position", "stage");
    """
    columns = ", ".join('"' + str(column).replace('"', '""') + '"' for column in table.columns)
    written = [f"    ({', '.join(literal(_plain(cell)) for cell in row)})" for row in table.to_numpy(object)]
    first, *rest = (",\n".join(written[place : place + AT_ONCE]) for place in range(0, max(len(written), 1), AT_ONCE))
    made = f"CREATE OR REPLACE TEMP TABLE {name} AS FROM (VALUES\n{first}\n) AS {name}({columns});"
    return [made, *(f"INSERT INTO {name} VALUES\n{rows};" for rows in rest)]


def _plain(cell: object) -> object:
    """Return a cell of a frame as a value of plain Python."""
    if isinstance(cell, list | tuple):
        return [_plain(one) for one in cell]
    if pd.isna(cell):  # type: ignore[call-overload]
        return None
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime()
    if isinstance(cell, pd.Timedelta):
        return cell.to_pytimedelta()
    return cell.item() if hasattr(cell, "item") else cell
