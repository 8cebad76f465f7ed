"""What a night touches: from the new deliveries to the events that are made anew (see incremental.py for the schemas)."""

import duckdb
import pyarrow as pa

from connectors.engine import run, transaction
from pipelines import models
from pipelines.warehouse import create, look_in, make_model, make_part


def _arrive(con: duckdb.DuckDBPyConnection) -> None:
    """Take in the new deliveries: which records they replace, which kinds of event and which blocked identifiers they bring."""
    run(con, f"INSERT INTO record_versions {models.models()['record_versions'].sql}")
    for name in ("outdated_records", "source_events"):
        make_model(con, name)
    for name in ("blocked_identifiers", "event_kinds"):
        run(con, f"INSERT INTO {name} ({models.models()[name].sql}) EXCEPT SELECT * FROM {name}")
    make_model(con, "identified_events")
    touch(con, "removed_events")


def _streams(con: duckdb.DuckDBPyConnection) -> None:
    """Make the visits of the touched streams anew, and decide whose they are."""
    touch(con, "touched_streams", "restarted_visits", "by_stream.source_events", "old_owners")
    make(con, "by_stream", "identified_events", "event_runs", "visit_splits", "visits", "visit_pairs")
    replace(con, "journeys.work.visits", "visit_no", "restarted_visits", "scratch.by_stream.visits")
    replace(con, "journeys.work.visit_pairs", "visit_no", "restarted_visits", "scratch.by_stream.visit_pairs")
    touch(con, "by_device.visits")
    make(con, "by_device", "visit_owners")
    exchange(con, "journeys.work.visit_owners", "visit_no", "FROM old_owners", "FROM scratch.by_device.visit_owners")


def _people(con: duckdb.DuckDBPyConnection) -> None:
    """Find the people again, those whose visits changed hands, and since when."""
    for name in ("identity_links", "identity_clusters", "suspended_links"):
        make_model(con, name)
    make_model(con, "identifiers", "scratch.by_person")
    since = [name for name, kpi in models.kpi_models().items() if "since" in kpi.header]
    create(con, "scratch.main.kpis_since", pa.table({"kpi": since}))
    touch(con, "changed_identifiers", "moved_visits", "changed_people", "touched_people")
    new = "scratch.by_person.identifiers WHERE identifier IN (SELECT identifier FROM changed_identifiers)"
    replace(con, "journeys.main.identifiers", "identifier", "changed_identifiers", new)
    touch(con, "by_person.visit_owners", "touched_visits")
    make(con, "by_person", "visit_sessions")


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """Put the events of touched people, from a session's start on, in their places."""
    touch(con, "stale_events", "by_person.source_events", "by_person.event_runs", "by_person.visit_splits")
    look_in(con, "by_person")
    run(con, f"CREATE TABLE scratch.main.new_events AS {models.models()['events'].sql}")
    look_in(con)
    replace(con, "journeys.main.events", "event_no", "stale_events", "scratch.main.new_events")
    touch(con, "by_person.events")


PARTS = {"event_kinds": _arrive, "visit_owners": _streams, "visit_sessions": _people, "events": _events}
"""The first parts of a night's build, each by the last table that it brings up to date."""


def touch(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make tables of nights/."""
    for name in names:
        make_part(con, name)


def make(con: duckdb.DuckDBPyConnection, part: str, *names: str) -> None:
    """Make models in a part, from that part."""
    look_in(con, part)
    for name in names:
        make_model(con, name, f"scratch.{part}")
    look_in(con)


def replace(con: duckdb.DuckDBPyConnection, table: str, key: str, gone: str, new: str) -> None:
    """Take the rows out of a table whose key is in `gone`, and put the rows of `new` in, in one transaction."""
    with transaction(con):
        run(con, f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {gone})")
        run(con, f"INSERT INTO {table} SELECT * FROM {new}")


def exchange(con: duckdb.DuckDBPyConnection, table: str, key: str, old: str, new: str) -> None:
    """Put the rows of `new` in the places of `old`, of the same table as it was, where they differ, in one transaction."""
    with transaction(con):
        run(con, f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM ({old} EXCEPT {new}))")
        run(con, f"INSERT INTO {table} {new} EXCEPT {old}")
