"""A night's build: begin from the published tables, find what new deliveries touch, rebuild that, and leave the rest.

The same SELECTs build the whole and the part. A part has schemas in `scratch`, in which the names of the models'
inputs mean what the night touches, and which are looked in first:

    by_stream    events of touched streams, from the start of a run on
    by_device    visits of touched streams
    by_person    what touched people did, from the start of a session on
    by_journey   steps of touched subjects, from the start of a journey on
    by_outcome   journeys of which something else may have become
    by_unit      units of KPIs of touched people and journeys

Touched is what new events, or events that a new version of their record takes away, change: their streams; the people
whose visits changed hands, before and after; the journeys that those people or events are part of.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.durable import failpoint
from connectors.engine import connect, run, transaction
from connectors.manifest import Entry
from pipelines import deliveries, models, sums
from pipelines.definition import Definition
from pipelines.say import Say
from pipelines.tables import local_days
from pipelines.warehouse import create, look_in, make_model, make_part

STEPS_OF_EVENTS = ("events", "visit_pairs", "identifiers", "suspended_links")
"""Where one of these is computed otherwise than before, everything is built anew."""


@dataclass(frozen=True)
class Start:
    """From where a night's build begins: which deliveries are new, which models are computed otherwise than before, and
    whether so many deleted rows lie in the file that it is time to fill their places."""

    new: frozenset[deliveries.Delivery]
    changed: frozenset[str]
    is_full_of_holes: bool


HOLES = """
SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM journey_steps) < 0.8 * sum(estimated_size)
FROM duckdb_tables()
WHERE schema_name = 'main' AND table_name IN ('events', 'journey_steps')
"""
"""Whether a fifth of the rows in the file are deleted ones: filling holes every night takes a tenth of its time."""


def start(previous: Path, entries: tuple[Entry, ...], prints: dict[str, str]) -> Start | None:
    """Tell from where a build may begin; None when it must begin from the landed files.

    That is so when the published build holds a delivery that is no more (landed again, expired, erased), or when what
    makes events is computed otherwise than before.
    """
    known = frozenset(deliveries.read_deliveries(previous))
    given = frozenset(deliveries.delivery(entry) for entry in entries)
    con = connect(previous, allowed=[previous.parent], read_only=True)
    try:
        before = dict(run(con, "SELECT model, fingerprint FROM work.fingerprints"))
        is_full_of_holes = bool(run(con, HOLES)[0][0])
    except duckdb.CatalogException:
        return None
    finally:
        con.close()
    changed = frozenset(name for name, fingerprint in prints.items() if before.get(name) != fingerprint)
    if not known or known - given or changed & upstream(STEPS_OF_EVENTS):
        return None
    return Start(given - known, changed, is_full_of_holes)


def upstream(names: tuple[str, ...]) -> set[str]:
    """Name models and all that they rest on."""
    known, found, todo = models.models(), set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += known[name].reads if name in known else models.STEPS.get(name, ())
    return found


def build(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    definition: Definition,
    entries: tuple[Entry, ...],
    begun: Start,
    say: Say,
) -> None:
    """Bring every table of a copy of the published file up to the given deliveries."""
    new = [entry for entry in entries if deliveries.delivery(entry) in begun.new]
    for schema in ("by_stream", "by_device", "by_person", "by_journey", "by_outcome", "by_unit"):
        run(con, f"CREATE SCHEMA scratch.{schema}")
    deliveries.view_landed(con, landing, new, definition)
    first, last = run(
        con,
        "SELECT min(occurred_at), max(occurred_at) FROM (SELECT occurred_at FROM events UNION ALL SELECT occurred_at FROM landed_events)",
    )[0]
    create(con, "scratch.main.local_days", local_days(first, last, definition.zone))
    for table, part in PARTS.items():
        say(f"touch {part.__name__.strip('_')}")
        part(con)
        failpoint(f"D:{table}")
    anew = _anew({*begun.changed})
    for name in models.build_order(models.models()):
        model = models.models().get(name)
        if model is None or name in DONE:
            continue
        say(f"{'rebuild' if name in anew else 'build'} {name}")
        if name in anew or model.partition == "none":
            make_model(con, name)
        elif model.partition == "unit":
            _refresh_unit(con, model, anew)
        elif model.partition != "cluster":
            REFRESH[model.partition](con, model)
        if name == "periods" and name not in begun.changed:
            sums.begin(con)
        if model.partition == "cluster" and name not in begun.changed:
            sums.make_parts(con, name)
        failpoint(f"D:{name}")


def _anew(changed: set[str]) -> set[str]:
    """Name the models to be built whole: those computed otherwise than before, and what of their inputs is not kept."""
    known = models.models()
    found, todo = set(), [name for name in changed if name in known and name not in DONE]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [
                table
                for table in known[name].reads
                if table in known and table not in DONE and known[table].schema == "scratch.main"
            ]
    return found


def _touch(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make tables of nights/."""
    for name in names:
        make_part(con, name)


def _make(con: duckdb.DuckDBPyConnection, part: str, *names: str) -> None:
    """Make models in a part, from that part."""
    look_in(con, part)
    for name in names:
        make_model(con, name, f"scratch.{part}")
    look_in(con)


def _replace(con: duckdb.DuckDBPyConnection, table: str, key: str, gone: str, new: str) -> None:
    """Take the rows out of a table whose key is in `gone`, and put the rows of `new` in, in one transaction."""
    with transaction(con):
        run(con, f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {gone})")
        run(con, f"INSERT INTO {table} SELECT * FROM {new}")


def _exchange(con: duckdb.DuckDBPyConnection, table: str, key: str, old: str, new: str) -> None:
    """Put the rows of `new` in the places of `old`, of the same table as it was, where they differ, in one transaction."""
    with transaction(con):
        run(con, f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM ({old} EXCEPT {new}))")
        run(con, f"INSERT INTO {table} {new} EXCEPT {old}")


def _arrive(con: duckdb.DuckDBPyConnection) -> None:
    """Take in the new deliveries: which records they replace, which kinds of event and which blocked identifiers they bring."""
    run(con, f"INSERT INTO record_versions {models.models()['record_versions'].sql}")
    for name in ("outdated_records", "source_events"):
        make_model(con, name)
    for name in ("blocked_identifiers", "event_kinds"):
        run(con, f"INSERT INTO {name} ({models.models()[name].sql}) EXCEPT SELECT * FROM {name}")
    make_model(con, "identified_events")
    _touch(con, "removed_events")


def _streams(con: duckdb.DuckDBPyConnection) -> None:
    """Make the visits of the touched streams anew, and decide whose they are."""
    _touch(con, "touched_streams", "restarted_visits", "by_stream.source_events", "old_owners")
    _make(con, "by_stream", "identified_events", "event_runs", "visit_splits", "visits", "visit_pairs")
    _replace(con, "journeys.work.visits", "visit_no", "restarted_visits", "scratch.by_stream.visits")
    _replace(con, "journeys.work.visit_pairs", "visit_no", "restarted_visits", "scratch.by_stream.visit_pairs")
    _touch(con, "by_device.visits")
    _make(con, "by_device", "visit_owners")
    _exchange(con, "journeys.work.visit_owners", "visit_no", "FROM old_owners", "FROM scratch.by_device.visit_owners")


def _people(con: duckdb.DuckDBPyConnection) -> None:
    """Find the people again, those whose visits changed hands, and since when."""
    for name in ("identity_links", "identity_clusters", "suspended_links"):
        make_model(con, name)
    make_model(con, "identifiers", "scratch.by_person")
    since = [name for name, kpi in models.kpi_models().items() if "since" in kpi.header]
    create(con, "scratch.main.kpis_since", pa.table({"kpi": since}))
    _touch(con, "changed_identifiers", "moved_visits", "changed_people", "touched_people")
    new = "scratch.by_person.identifiers WHERE identifier IN (SELECT identifier FROM changed_identifiers)"
    _replace(con, "journeys.main.identifiers", "identifier", "changed_identifiers", new)
    _touch(con, "by_person.visit_owners", "touched_visits")
    _make(con, "by_person", "visit_sessions")


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """Put the events of touched people, from a session's start on, in their places."""
    _touch(con, "stale_events", "by_person.source_events", "by_person.event_runs", "by_person.visit_splits")
    look_in(con, "by_person")
    run(con, f"CREATE TABLE scratch.main.new_events AS {models.models()['events'].sql}")
    look_in(con)
    _replace(con, "journeys.main.events", "event_no", "stale_events", "scratch.main.new_events")
    _touch(con, "by_person.events")


PARTS = {"event_kinds": _arrive, "visit_owners": _streams, "visit_sessions": _people, "events": _events}
"""The first parts of a night's build, each by the last table that it brings up to date."""
DONE = upstream(STEPS_OF_EVENTS) | {"visit_sessions"}
"""What they bring up to date."""


def _refresh_person(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched people: all of them, or those since the change where the header names the instant."""
    if model.schema == "scratch.main":
        _make_unkept(con, "by_person", model.name)
        return
    since = model.header.get("since")
    table = f"{model.schema}.{model.name}"
    look_in(con, "by_person")
    make_model(con, model.name, "scratch.by_unit")
    look_in(con)
    later = f"AND old.{since} >= touched.since" if since else ""
    with transaction(con):
        run(
            con,
            f"DELETE FROM {table} AS old USING scratch.main.touched_people AS touched "
            f"WHERE old.person_id = touched.person_id {later}",
        )
        run(con, f"INSERT INTO {table} SELECT * FROM scratch.by_unit.{model.name}")
    run(con, f"DROP TABLE scratch.by_unit.{model.name}")
    of_people = "WHERE person_id IN (SELECT person_id FROM scratch.main.touched_people)"
    run(con, f"CREATE TABLE scratch.by_person.{model.name} AS SELECT * FROM {table} {of_people}")


def _refresh_journey(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched journeys."""
    if model.name == "journey_touches":
        _touch(con, "touched_subjects", "by_journey.events", "touched_journeys")
        look_in(con, "by_journey")
        make_model(con, model.name, "scratch.by_unit")
        _touch(con, "by_journey.journey_touches")
        look_in(con)
        return
    _make_unkept(con, "by_journey", model.name)
    if model.schema != "scratch.main":
        table = f"{model.schema}.{model.name}"
        _replace(con, table, "journey_id", "touched_journeys", f"scratch.by_journey.{model.name}")


def _make_unkept(con: duckdb.DuckDBPyConnection, part: str, name: str) -> None:
    """Make a model's rows of a part; units of a KPI go where kpi_units finds them."""
    look_in(con, part)
    make_model(con, name, "scratch.by_unit" if name in models.kpi_models() else f"scratch.{part}")
    look_in(con)


def _refresh_as_of(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched journeys, and of those that as-of may find otherwise than before."""
    _touch(con, "unsettled_journeys", "by_outcome.journeys")
    _make(con, "by_outcome", model.name)
    old = f"FROM previous.main.{model.name} SEMI JOIN unsettled_journeys USING (journey_id)"
    _exchange(con, f"{model.schema}.{model.name}", "journey_id", old, f"FROM scratch.by_outcome.{model.name}")


def _refresh_event(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of events whose rows are replaced."""
    _make(con, "by_person", model.name)
    _replace(con, f"{model.schema}.{model.name}", "event_no", "stale_events", f"scratch.by_person.{model.name}")
    run(con, f"DROP TABLE scratch.by_person.{model.name}")


def _refresh_unit(con: duckdb.DuckDBPyConnection, model: models.Model, anew: set[str]) -> None:
    """Replace the units of touched people and journeys, where they are others; those of KPIs that are few are all looked at."""
    parts = {
        kpi: "none" if kpi in anew else "since" if "since" in of.header else of.partition
        for kpi, of in models.kpi_models().items()
    }
    create(con, "scratch.main.kpi_parts", pa.table({"kpi": list(parts), "part": list(parts.values())}))
    look_in(con, "by_unit")
    run(con, f"CREATE TABLE scratch.main.new_units AS {model.sql}")
    look_in(con)
    _touch(con, "stale_units", "gone_units", "come_units")
    with transaction(con):
        run(
            con,
            f"DELETE FROM {model.schema}.{model.name} AS old USING gone_units AS gone WHERE old.kpi = gone.kpi AND old.unit_id = gone.unit_id",
        )
        run(con, f"INSERT INTO {model.schema}.{model.name} FROM come_units")
    _touch(con, "by_unit.kpi_units")


REFRESH = {
    "person": _refresh_person,
    "journey": _refresh_journey,
    "as_of": _refresh_as_of,
    "event": _refresh_event,
    "sum": sums.add,
}
"""How the rows of a model are refreshed, by what they rest on."""
TOUCHED = ("by_person", "by_journey", "by_unit")
"""Where what a night has touched is found, for the checks."""
