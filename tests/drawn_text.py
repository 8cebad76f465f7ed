"""Read drawn tables: columns, cells, values of their types."""

import base64
import hashlib
import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Any


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
