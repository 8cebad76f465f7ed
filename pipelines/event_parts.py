"""Tables of a row per event, made of so many deliveries at a time that what is joined to them fits in memory.

At once, a hundred million events go to the disk and back with all their columns for every table that is joined to them.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from connectors.engine import run
from connectors.manifest import Entry
from pipelines import deliveries, models
from pipelines.definition import Definition
from pipelines.say import Say
from pipelines.warehouse import look_in, make_model

AT_ONCE = 10_000_000
"""So many events need about a gigabyte, of the four that a build may take."""
IN_PARTS = {
    "events": ("scratch.main.event_runs",),
    "journey_steps": ("journeys.main.events", "scratch.main.touch_bouts"),
}
"""The models that are made in parts, and which of the tables they read have a row per event as well."""


def event_parts(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Divide the deliveries that brought events, in their order, into parts of at most AT_ONCE events, or of one delivery."""
    parts: list[list[Entry]] = []
    room = 0
    for entry in sorted(entries, key=lambda entry: entry.load_seq):
        if entry.events:
            if not parts or entry.events.n_rows > room:
                parts.append([])
                room = AT_ONCE
            parts[-1].append(entry)
            room -= entry.events.n_rows
    return parts


def make_in_parts(
    con: duckdb.DuckDBPyConnection, name: str, landing: Path, definition: Definition, entries: Sequence[Entry], say: Say
) -> None:
    """Make a model of IN_PARTS: the same SELECT over each part of the deliveries, as if over all of them."""
    model, parts = models.models()[name], event_parts(entries)
    if len(parts) < 2:
        make_model(con, name)
        return
    run(con, f"CREATE TABLE {model.schema}.{name} AS {model.sql} LIMIT 0")
    run(con, "CREATE SCHEMA scratch.of_part")
    for number, part in enumerate(parts, 1):
        say(f"build {name} (part {number} of {len(parts)})")
        if name == "events":
            deliveries.view_events(con, landing, part, definition, "of_part")
        look_in(con, "of_part")
        for table in IN_PARTS[name]:
            _rows_of_part(con, table, part).create_view(table.rpartition(".")[2])
        if name == "events":
            make_model(con, "source_events", "scratch.of_part")
        run(con, f"INSERT INTO {model.schema}.{name} {model.sql}")
        look_in(con)
    run(con, "DROP SCHEMA scratch.of_part CASCADE")


def _rows_of_part(con: duckdb.DuckDBPyConnection, table: str, part: Sequence[Entry]) -> duckdb.DuckDBPyRelation:
    """The rows of a table that belong to the part's events, which are numbered by their deliveries."""
    first, after = part[0].load_seq * deliveries.NUMBERS, (part[-1].load_seq + 1) * deliveries.NUMBERS
    return con.table(table).filter(duckdb.ColumnExpression("event_no").between(first, after - 1))
