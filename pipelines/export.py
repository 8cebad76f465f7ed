"""Export a person: every row that is theirs, in every table, their events as they landed, and their records that could not be read."""

from typing import Any

import duckdb
import pyarrow as pa

from connectors import manifest
from connectors.engine import connect, run
from connectors.keys import keyring
from pipelines.definition import load
from pipelines.landed_people import landing_of
from pipelines.people import Person, find, must_be_one_human
from pipelines.tombstones import known_by
from pipelines.wording import counted
from pipelines.workspace import Workspace, published

OWN = ("person_id", "journey_id", "session_id")
"""By which column the rows of a table are told to be theirs: the first that it has."""


def export(workspace: Workspace, name: str, is_told: bool = False) -> dict[str, Any]:
    """Gather all that is published of the person called `name`, as plain values.

    Raises JourneysError when nobody is called so, or when the cluster may be several people and `is_told` is false.
    """
    folder = published(workspace)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        person = find(con, name, keyring(workspace.key))
        must_be_one_human(person, "export", is_told)
        tables = {table: found for table in _tables(con) if (found := _theirs(con, table, person))}
        if changes := _rows(con.sql(CHANGES, params={"identifiers": [*person.identifiers]})):
            tables["person_changes"] = changes
        remarks = [
            SHARED_DEVICE.format(device=device, others=counted(n, "other person", "other people"))
            for device, n in run(con, SHARED, {"id": person.person_id})
        ]
        [(build_id,)] = run(con, "SELECT build_id FROM build")
        quarantined = _quarantined(workspace, con, person)
    finally:
        con.close()
    if quarantined:
        remarks.append(UNREADABLE)
    return {
        "person_id": person.person_id,
        "build_id": build_id,
        "identifiers": list(person.identifiers),
        "remarks": remarks,
        "tables": tables,
        "landed_events": _landed(workspace, tables.get("events", [])),
        "quarantined_records": quarantined,
    }


SHARED = """
SELECT mine.device_id, count(DISTINCT others.person_id)
FROM (SELECT DISTINCT source, device_id FROM events WHERE person_id = $id AND device_id IS NOT NULL) AS mine
JOIN events AS others USING (source, device_id)
WHERE others.person_id <> $id
GROUP BY mine.device_id
ORDER BY mine.device_id
"""
SHARED_DEVICE = "The device {device} was used by {others} too; what they did on it is not here."
UNREADABLE = "Records that could not be read are told by any word that names this person; look whether they name others before they leave."
CHANGES = "SELECT * FROM person_changes WHERE identifier IN (SELECT unnest($identifiers)) ORDER BY ALL"
"""Of whoever they were before; where others of that person are others now, theirs are not told."""


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Name the tables whose rows are about a person, a journey or a session."""
    rows = run(
        con,
        "SELECT DISTINCT table_name FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal "
        "AND column_name IN (SELECT unnest($own)) ORDER BY table_name",
        {"own": [*OWN]},
    )
    return [name for (name,) in rows]


def _theirs(con: duckdb.DuckDBPyConnection, table: str, person: Person) -> list[dict[str, Any]]:
    """Read the rows of one table that are theirs."""
    relation = con.table(table)
    own = next(column for column in OWN if column in relation.columns)
    ids = run(con, IDS[own], {"id": person.person_id})
    if not ids:
        return []
    mine = duckdb.ColumnExpression(own).isin(*[duckdb.ConstantExpression(value) for (value,) in ids])
    return _rows(relation.filter(mine).order("ALL"))


def _rows(found: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    columns = found.columns
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


IDS = {
    "person_id": "SELECT CAST($id AS VARCHAR)",
    "journey_id": "SELECT journey_id FROM journeys WHERE person_id = $id",
    "session_id": "SELECT session_id FROM sessions WHERE person_id = $id",
}


def _landed(workspace: Workspace, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read their events as they landed, with the properties that the tables leave out; what is empty is left out."""
    files = [str(workspace.landing / entry.events.path) for entry in manifest.read(workspace.landing) if entry.events]
    if not (files and events):
        return []
    con = connect(allowed=[workspace.landing])
    try:
        theirs = {name: [event[name] for event in events] for name in ("load_seq", "line_no", "event_id")}
        con.from_arrow(pa.table(theirs)).create_view("theirs")
        rows = _rows(con.sql(LANDED, params={"files": files}))
    finally:
        con.close()
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


LANDED = """
SELECT *
FROM read_parquet($files, union_by_name = true)
SEMI JOIN theirs USING (load_seq, line_no, event_id)
ORDER BY occurred_at, source, sequence, event_id, load_seq
"""
"""An event's id is its source's own, and every version of a record has it: the delivery and the line tell which is meant."""


def _quarantined(
    workspace: Workspace, published_con: duckdb.DuckDBPyConnection, person: Person
) -> list[dict[str, Any]]:
    """Read the records that could not be read and that an erasure would take: some word of them names the person."""
    files = [(entry, entry.quarantine.path) for entry in manifest.read(workspace.landing) if entry.quarantine]
    if not files:
        return []
    landing = landing_of(workspace, load(workspace.definition))
    known = known_by(published_con, landing, person)
    found = []
    con = connect(allowed=[workspace.landing])
    try:
        for entry, path in files:
            landing.find(con, entry.model_copy(update={"events": None, "withdrawn": None}), [known])
            file = str(workspace.landing / path)
            found += [
                {"source": entry.source, "input": entry.input, **row}
                for row in _rows(con.sql(QUARANTINED, params={"file": file}))
            ]
    finally:
        con.close()
    return found


QUARANTINED = (
    "SELECT line_no, reason, raw FROM read_parquet($file) SEMI JOIN erased_lines USING (line_no) ORDER BY line_no"
)
