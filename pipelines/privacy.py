"""What a shareable page may tell: nothing about a group of fewer than k people, nor what gives such a group away.

A rate is about the people it is counted over, however few of them did it. But a touchpoint that fewer than k people
touched, or a way that fewer took, is not named. k stands in the definition: `privacy: {k: 10}`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

Row = Mapping[str, Any]


def least_people(con: duckdb.DuckDBPyConnection) -> int:
    """Read k: what is about fewer people is withheld."""
    found: int = con.execute("SELECT k FROM settings").fetchall()[0][0]
    return found


def withhold(
    rows: Iterable[Row], over: Sequence[str], k: int, part: str = "persona", whole: str = "(all)"
) -> list[dict[str, Any]]:
    """Empty the rows about fewer than `k` people, but for their keys, and mark each row with `is_withheld`.

    Within rows of equal `over`, the parts add up to the row of the `whole`: one alone withheld would be the difference,
    so the smallest other part is withheld with it.

    >>> cells = [{"stage": "cart", "persona": name, "n_people": n} for name, n in [("(all)", 60), ("new", 40), ("old", 15), ("rare", 5)]]
    >>> [(row["persona"], row["n_people"]) for row in withhold(cells, ["stage"], k=10)]
    [('(all)', 60), ('new', 40), ('old', None), ('rare', None)]
    """
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in over)].append(row)
    keys = {*over, part, "persona", "period"}
    told = []
    for group in groups.values():
        hidden = {row[part] for row in _hidden(group, k, part, whole)}
        told += [_told(row, row[part] in hidden, keys) for row in group]
    return told


def _hidden(group: Sequence[Row], k: int, part: str, whole: str) -> list[Row]:
    small = [row for row in group if row.get("is_withheld") or 0 < people(row) < k]
    names = {row[part] for row in small}
    others = sorted(
        (row for row in group if row[part] not in {whole, *names} and people(row)),
        key=lambda row: (people(row), str(row[part])),
    )
    return [*small, *others[:1]] if len(names - {whole}) == 1 else small


def is_rare(row: Row, k: int) -> bool:
    """Whether too few people did this to name it.

    >>> is_rare({"n_people": 9}, 10), is_rare({"n_people": 0, "n_journeys": 40}, 10)
    (True, False)
    """
    return people(row) < k


def people(row: Row) -> int:
    """How many people a row is about; units that no person is known for count as one person each."""
    counted = row["n_people"] or row.get("n_units") or row.get("n_journeys") or row.get("n_transitions") or 0
    return int(counted)


def _told(row: Row, is_withheld: bool, keys: set[str]) -> dict[str, Any]:
    kept = {name: value if not is_withheld or name in keys else None for name, value in row.items()}
    return kept | {"is_withheld": is_withheld}
