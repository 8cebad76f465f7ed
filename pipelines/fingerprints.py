"""What each table is computed by: its SQL, the definition it reads, and the same of its inputs. When that changes, it is made anew."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from pipelines import models

AS_OF = {"as_of", "complete_until", "over_on"}
"""What moves on every night; only tables that are made anew every night read it."""
STEPS = (
    "deliveries.py",
    "event_parts.py",
    "identity.py",
    "incremental.py",
    "refreshed.py",
    "sums.py",
    "touched.py",
    "warehouse.py",
)
"""The Python that makes tables."""


def fingerprints(definition: Mapping[str, pa.Table], zone: str) -> dict[str, str]:
    """Name, by table, everything but the events that it is computed by."""
    found = {name: _hash(name) for name in ("landed_events", "withdrawn_records", "frozen_kpis")} | {
        "local_days": _hash(zone)
    }
    code = _code()
    for name in models.build_order(models.models()):
        model = models.models().get(name)
        sql, reads = (model.sql, sorted(model.reads)) if model else ("", models.STEPS[name])
        inputs = [found[table] if table in found else _rows(definition[table], sql) for table in reads]
        found[name] = _hash(code, sql, _layout(model.header) if model else "", *inputs)
    return found


def _layout(header: Mapping[str, str]) -> str:
    """Where a table lies, and by what it is exchanged."""
    return json.dumps([header.get(key) for key in ("key", "partition", "publish", "since", "kind")])


def _rows(table: pa.Table, sql: str) -> str:
    """The rows of a definition table, in the columns that the SQL names."""
    words = set(re.findall(r"\w+", sql)) - AS_OF
    return json.dumps(table.select([name for name in table.column_names if name in words]).to_pylist(), default=str)


def _code() -> str:
    here = Path(__file__).parent
    files = [
        *(here / name for name in STEPS),
        *sorted((here / "nights").glob("*.sql")),
        models.SQL / "engine" / "duckdb.sql",
    ]
    return _hash(*(path.read_text() for path in files))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def table(prints: Mapping[str, str]) -> pa.Table:
    """Make the table of fingerprints."""
    return pa.table({"model": list(prints), "fingerprint": list(prints.values())})
