"""Tables drawn in text: only the columns that matter, an empty cell is NULL."""

import math

import pandas as pd


def cells(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the column names and the rows of a drawn table, every cell as text."""
    lines = [line for line in text.strip().splitlines() if line.strip() and not set(line.strip()) <= set("-+ ")]
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return head, rows


def steps_of(text: str) -> pd.DataFrame:
    """Return a drawn table of steps; undrawn: numbers in drawn order, a minute each, touchpoint = stage, nobody."""
    head, rows = cells(text)
    table = pd.DataFrame([[cell or None for cell in row] for row in rows], columns=head)
    if "occurred_at" not in table:
        table["occurred_at"] = [f"2024-05-01 09:{minute:02}" for minute in range(len(table))]
    table["occurred_at"] = pd.to_datetime(table["occurred_at"], format="ISO8601")
    if "step_number" not in table:
        table["step_number"] = table.groupby("journey_id").cumcount() + 1
    if "person_id" not in table:
        table["person_id"] = None
    if "touchpoint" not in table:
        table["touchpoint"] = table["stage"]
    return table


def assert_shows(table: pd.DataFrame, text: str) -> None:
    """Insist that a table has the drawn rows in the drawn order, in the drawn columns; numbers to nine digits."""
    head, rows = cells(text)
    found = table[head].astype(object).to_numpy().tolist()
    assert len(found) == len(rows), f"{len(rows)} rows are drawn, found:\n{table[head].to_string()}"
    for found_row, drawn_row in zip(found, rows, strict=True):
        for column, value, drawn in zip(head, found_row, drawn_row, strict=True):
            assert _agrees(value, drawn), (
                f"{column}: drawn {drawn or 'NULL'}, found {value}, in\n{table[head].to_string()}"
            )


def _agrees(value: object, drawn: str) -> bool:
    if not drawn or pd.isna(value):
        return not drawn and bool(pd.isna(value))
    if isinstance(value, str):
        return value == drawn
    expected = eval(drawn, {"__builtins__": {}})  # arithmetic spelled out in a test: 2 / 3
    return math.isclose(float(value), expected, rel_tol=1e-9, abs_tol=1e-12)
