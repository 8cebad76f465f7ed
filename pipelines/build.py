"""Build every table into a new DuckDB file and audit it. Nothing that is published is touched."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors import manifest
from connectors.durable import failpoint
from connectors.engine import connect, run
from connectors.manifest import Entry
from connectors.schema import EVENT_SCHEMA
from pipelines import models
from pipelines.comments import comment_tables
from pipelines.definition import Definition, SourceSpec
from pipelines.errors import CheckFailed, JourneysError
from pipelines.identity import make_identity_clusters
from pipelines.mining import mine
from pipelines.tables import definition_tables, local_days
from pipelines.workspace import Workspace

Say = Callable[[str], None]
CODE = (
    *sorted(models.SQL.rglob("*.sql")),
    *sorted(Path(__file__).parent.glob("*.py")),
    *sorted(Path(__file__).parent.glob("*.sql")),
    *sorted((Path(__file__).parent.parent / "journey_mining").glob("*.*")),
    *sorted((Path(__file__).parent / "templates").glob("*")),
)
"""What the published figures and pages are computed by."""


@dataclass(frozen=True)
class Inputs:
    """Everything a build is a function of, and the name that follows from it."""

    entries: tuple[Entry, ...]
    complete_until: dict[str, datetime]
    build_id: str


def inputs(workspace: Workspace, definition: Definition, as_of: datetime | None = None) -> Inputs:
    """Gather what a build depends on; raises when nothing has landed yet."""
    entries = tuple(entry for entry in manifest.read(workspace.landing) if entry.source in definition.sources)
    if not any(entry.events for entry in entries):
        raise JourneysError(f"No event has landed in {workspace.root}; run `journeys land` and look at what it says.")
    complete_until = _complete_until(workspace, definition, entries, as_of)
    parts = [
        [entry.model_dump(mode="json") for entry in entries],
        _meaning(definition),
        {name: str(instant) for name, instant in complete_until.items()},
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in CODE],
    ]
    name = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
    day = min(complete_until.values()).date().isoformat()
    return Inputs(entries, complete_until, f"{day}-{name}")


def _meaning(definition: Definition) -> dict[str, Any]:
    """The definition without what only landing knows: the manifest says what became of that."""
    said = definition.model_dump(mode="json")
    said["sources"] = [
        [name, {key: spec[key] for key in SourceSpec.model_fields}] for name, spec in said["sources"].items()
    ]
    return said


def _complete_until(
    workspace: Workspace, definition: Definition, entries: tuple[Entry, ...], as_of: datetime | None
) -> dict[str, datetime]:
    """Tell, per source, up to when it has delivered: as asked for, stated, promised, or its latest active event."""
    con = connect(allowed=[workspace.landing])
    try:
        landed = con.read_parquet(_files(workspace, entries)).select("source, occurred_at, is_passive")
        latest = dict(landed.filter("NOT is_passive").aggregate("source, max(occurred_at)").fetchall())
    finally:
        con.close()
    found = {}
    for name, spec in definition.sources.items():
        promised = [entry.complete_until for entry in entries if entry.source == name and entry.complete_until]
        instant = as_of or spec.complete_until or (max(promised) if promised else latest.get(name))
        if instant is not None:
            found[name] = _utc(instant)
    return found


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def _files(workspace: Workspace, entries: tuple[Entry, ...]) -> list[str]:
    return [str(workspace.landing / entry.events.path) for entry in entries if entry.events]


def build(workspace: Workspace, definition: Definition, given: Inputs, say: Say, memory_limit: str = "4GB") -> Path:
    """Build and audit all tables in a folder that no reader sees, builds/.<build_id>, and return it.

    The folder has that name only when it is whole; one that is there already is used as it is.
    """
    finished = workspace.builds / f".{given.build_id}"
    if finished.exists():
        return finished
    folder = workspace.builds / f".{given.build_id}.unfinished"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    spill = folder / ".spill"
    spill.mkdir(mode=0o700)
    con = connect(
        folder / "journeys.duckdb", allowed=[workspace.landing, folder], spill=spill, memory_limit=memory_limit
    )
    try:
        failpoint("D1")
        _load(con, workspace, definition, given)
        order = models.build_order(models.models())
        for number, name in enumerate(order, 1):
            say(f"build {name} ({number} of {len(order)})")
            make_model(con, name)
            failpoint(f"D:{name}")
        _sign(con, given)
        say("mine")
        mine(con)
        audit(con, say)
        failpoint("D6")
        _finish(con)
        failpoint("D7")
    finally:
        con.close()
    shutil.rmtree(spill)
    (folder / "journeys.duckdb").chmod(0o600)
    folder.rename(finished)
    return finished


def make_model(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make one table: a model, or one of the steps that are Python."""
    if name == "identity_clusters":
        make_identity_clusters(con)
    elif name not in models.STEPS:
        model = models.models()[name]
        run(con, f"CREATE {'VIEW' if model.is_view else 'TABLE'} {name} AS {model.sql}")


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection the words in which engines differ."""
    for statement in duckdb.extract_statements((models.SQL / "engine" / "duckdb.sql").read_text()):
        con.execute(statement).fetchall()


def _load(con: duckdb.DuckDBPyConnection, workspace: Workspace, definition: Definition, given: Inputs) -> None:
    """Put in place what the models read: the landed events, the definition, the ledger, the local days."""
    prepare(con)
    rule_properties = sorted({key for touchpoint in definition.touchpoints.values() for key in touchpoint.properties})
    landed = con.read_parquet(_files(workspace, given.entries), file_row_number=True)
    columns = [duckdb.ColumnExpression(name) for name in EVENT_SCHEMA.names if name != "properties"]
    # The number of an event: its delivery, and its place in the file.
    number = duckdb.ColumnExpression("load_seq") * duckdb.ConstantExpression(2**32) + duckdb.ColumnExpression("file_row_number")
    landed.select(number.alias("event_no"), *columns, _named(rule_properties).alias("rule_properties")).create_view("landed_events")
    for name, table in definition_tables(definition, models.kpi_models(), given.complete_until).items():
        _create(con, name, table)
    first, last = run(con, "SELECT min(occurred_at), max(occurred_at) FROM landed_events")[0]
    _create(con, "local_days", local_days(first, last, definition.zone))
    _create(con, "ledger", _ledger(given.entries))


def _named(properties: list[str]) -> duckdb.Expression:
    """The named properties of an event, and no others, as a JSON object."""
    if not properties:
        return duckdb.ConstantExpression(None).cast(duckdb.sqltype("VARCHAR"))
    pairs = [
        part
        for name in properties
        for part in (
            duckdb.ConstantExpression(name),
            duckdb.FunctionExpression(
                "property_of", duckdb.ColumnExpression("properties"), duckdb.ConstantExpression(name)
            ),
        )
    ]
    return duckdb.FunctionExpression("json_object", *pairs).cast(duckdb.sqltype("VARCHAR"))


def _create(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.from_arrow(table).create(name)


def _ledger(entries: tuple[Entry, ...]) -> pa.Table:
    rows = [
        {
            "load_seq": entry.load_seq,
            "source": entry.source,
            "input": entry.input,
            "status": row.status,
            "reason": row.reason,
            "n_records": row.n_records,
        }
        for entry in entries
        for row in entry.ledger
    ]
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("load_seq", pa.int64()),
                ("source", pa.string()),
                ("input", pa.string()),
                ("status", pa.string()),
                ("reason", pa.string()),
                ("n_records", pa.int64()),
            ]
        ),
    )


BUILD = """
CREATE TABLE build AS
SELECT CAST($build_id AS VARCHAR) AS build_id, (SELECT title FROM settings) AS name, CAST($as_of AS TIMESTAMP) AS as_of,
    (SELECT count(*) FROM events) AS n_events, (SELECT count(*) FROM people) AS n_people,
    (SELECT count(*) FROM sessions) AS n_sessions, (SELECT count(*) FROM journeys) AS n_journeys,
    (SELECT count(CASE WHEN is_tied THEN 1 END) / nullif(count(*), 0) FROM journey_steps WHERE step_number > 1) AS share_of_ties
"""


def _sign(con: duckdb.DuckDBPyConnection, given: Inputs) -> None:
    """Write the one row that says which build this is."""
    run(con, BUILD, {"build_id": given.build_id, "as_of": min(given.complete_until.values())})


def audit(con: duckdb.DuckDBPyConnection, say: Say) -> None:
    """Run every check; one that returns a row stops the build, or warns, as its header says."""
    for name, check in models.checks().items():
        if offending := con.execute(check.sql).fetchmany(3):
            if check.header.get("severity") != "warn":
                raise CheckFailed(
                    f"The check {name} failed ({check.description}): for example {offending[0]}. What was published before is untouched."
                )
            say(f"warning: {check.description}: for example {offending[0]}")


def _finish(con: duckdb.DuckDBPyConnection) -> None:
    """Leave in the file what analysts read, with comments, and nothing else."""
    for name, model in models.models().items():
        if not model.is_published:
            run(con, f"DROP {'VIEW' if model.is_view else 'TABLE'} {name}")
    for name in ("identity_clusters", "capped_links", "local_days"):
        run(con, f"DROP TABLE {name}")
    run(con, "DROP VIEW landed_events")
    comment_tables(con)
    run(con, "CHECKPOINT")
