"""A night's build: begin from the published tables, find what new deliveries touch, rebuild that, and leave the rest.

The same SELECTs build the whole and the part. A part has schemas in the scratch file, in which the names of the models'
inputs mean what the night touches, and which are looked in first:

    by_stream    events of touched streams, from the start of a run on
    by_device    visits of touched streams
    by_person    what touched people did, from the start of a session on
    by_journey   steps of touched subjects, from the start of a journey on
    by_unit      units of KPIs of touched people and journeys

Touched is what new events, or events that a new version of their record takes away, change: their streams; the people
whose visits changed hands, before and after; the journeys that those people or events are part of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.durable import failpoint
from connectors.engine import connect, run, transaction
from connectors.manifest import Entry
from pipelines import deliveries, models
from pipelines.definition import Definition
from pipelines.tables import local_days
from pipelines.warehouse import create, look_in, make_model

Say = Callable[[str], None]
NIGHTS = Path(__file__).parent / "nights"
"""What a night finds touched: a SELECT each, under a line that says what of."""
STEPS_OF_EVENTS = ("events", "visit_pairs", "identifiers", "suspended_links")
"""Where one of these is computed otherwise than before, everything is built anew."""


@dataclass(frozen=True)
class Start:
    """From where a night's build begins: which deliveries are new, and which models are computed otherwise than before."""

    new: frozenset[deliveries.Delivery]
    changed: frozenset[str]


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
    except duckdb.CatalogException:
        return None
    finally:
        con.close()
    changed = frozenset(name for name, fingerprint in prints.items() if before.get(name) != fingerprint)
    if not known or known - given or changed & upstream(STEPS_OF_EVENTS):
        return None
    return Start(given - known, changed)


def upstream(names: tuple[str, ...]) -> set[str]:
    """Name models and all that they rest on."""
    known, found, todo = models.models(), set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += models.tables_read(known[name].sql) if name in known else models.STEPS.get(name, ())
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
    for schema in ("by_stream", "by_device", "by_person", "by_journey", "by_unit"):
        run(con, f"CREATE SCHEMA scratch.{schema}")
    deliveries.view_landed(con, landing, new, definition)
    first, last = run(
        con,
        "SELECT min(occurred_at), max(occurred_at) FROM (SELECT occurred_at FROM events UNION ALL SELECT occurred_at FROM landed_events)",
    )[0]
    create(con, "scratch.main.local_days", local_days(first, last, definition.zone))
    for part in (_arrive, _streams, _people, _events):
        say(f"touch {part.__name__.strip('_')}")
        part(con)
    anew = _anew({*begun.changed, *_far_sighted(con)})
    for name in models.build_order(models.models()):
        model = models.models().get(name)
        if model is None or name in DONE:
            continue
        say(f"build {name}")
        if name in anew or model.partition == "none":
            make_model(con, name)
        elif model.partition == "person":
            _refresh_person(con, model)
        elif model.partition == "journey":
            _refresh_journey(con, model)
        else:
            _refresh_unit(con, model, anew)
        failpoint(f"D:{name}")


DONE = upstream(STEPS_OF_EVENTS) | {"visit_sessions"}
"""What the first parts of a night's build bring up to date."""


def _far_sighted(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Name the KPIs whose units look further than a session reaches: those from before the change may change, too."""
    [(gap,)] = run(con, "SELECT session_gap_seconds FROM settings")
    windows = dict(run(con, "SELECT kpi, window_seconds FROM kpi_targets WHERE window_seconds IS NOT NULL"))
    return {kpi for kpi, model in models.kpi_models().items() if "since" in model.header and windows.get(kpi, 0) > gap}


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
                for table in models.tables_read(known[name].sql)
                if table in known and table not in DONE and known[table].schema == "scratch.main"
            ]
    return found


def _touch(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Make tables of nights/: `name` in scratch.main, `schema.name` in that schema."""
    for name in names:
        model = models.parse(name, (NIGHTS / f"{name}.sql").read_text())
        place = name if "." in name else f"main.{name}"
        run(con, f"CREATE {'VIEW' if model.is_view else 'TABLE'} scratch.{place} AS {model.sql}")


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
<<<<<<< HEAD
    _touch(con, "touched_streams", "restarted_visits", "by_stream.source_events", "old_owners")
    _make(con, "by_stream", "identified_events", "event_runs", "visit_splits", "visits", "visit_pairs")
    _replace(con, "journeys.work.visits", "visit_no", "restarted_visits", "scratch.by_stream.visits")
    _replace(con, "journeys.work.visit_pairs", "visit_no", "restarted_visits", "scratch.by_stream.visit_pairs")
    _touch(con, "by_device.visits")
    _make(con, "by_device", "visit_owners")
    _replace(con, "journeys.work.visit_owners", "visit_no", "old_owners", "scratch.by_device.visit_owners")
=======
    run_all(con, TOUCHED_STREAMS)
    look_in(con, "by_stream")
    for name in ("identified_events", "event_runs", "visit_splits", "visits", "visit_pairs"):
        make_model(con, name, "scratch.by_stream")
    look_in(con)
    run_all(con, REPLACE_VISITS)
    look_in(con, "by_device")
    make_model(con, "visit_owners", "scratch.by_device")
    look_in(con)
    run_all(con, REPLACE_OWNERS)


# --- people -----------------------------------------------------------------------------------------------------------

CHANGED_IDENTIFIERS = """
CREATE TABLE scratch.main.changed_identifiers AS
SELECT coalesce(old.identifier, new.identifier) AS identifier
FROM identifiers AS old
FULL JOIN scratch.by_person.identifiers AS new ON old.identifier = new.identifier
WHERE old.identifier IS NULL OR new.identifier IS NULL OR old.person_id IS DISTINCT FROM new.person_id;

-- Visits that are new, gone, or in other hands than before.
CREATE TABLE scratch.main.moved_visits AS
WITH changed_owners AS (
    (SELECT visit_no, started_at, owner FROM old_owners EXCEPT SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners)
    UNION ALL
    (SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners EXCEPT SELECT visit_no, started_at, owner FROM old_owners)
    UNION ALL
    SELECT visit_no, started_at, owner FROM old_owners WHERE visit_no IN (SELECT visit_no FROM restarted_visits)
    UNION ALL
    SELECT visit_no, started_at, owner FROM scratch.by_device.visit_owners WHERE visit_no IN (SELECT visit_no FROM scratch.by_stream.visits)
    UNION ALL
    SELECT visit_no, started_at, owner FROM visit_owners WHERE owner IN (SELECT identifier FROM changed_identifiers)
)
SELECT DISTINCT visit_no, started_at, owner FROM changed_owners;

CREATE TABLE scratch.main.changed_people AS
SELECT person_id, min(started_at) AS changed_at
FROM (
    SELECT identifiers.person_id, moved.started_at
    FROM moved_visits AS moved
    JOIN identifiers ON moved.owner = identifiers.identifier
    UNION ALL
    SELECT identifiers.person_id, moved.started_at
    FROM moved_visits AS moved
    JOIN scratch.by_person.identifiers AS identifiers ON moved.owner = identifiers.identifier
    UNION ALL
    -- An identifier more, without a visit of its own, is one more to count.
    SELECT identifiers.person_id, CAST(NULL AS TIMESTAMP)
    FROM changed_identifiers
    JOIN scratch.by_person.identifiers AS identifiers ON changed_identifiers.identifier = identifiers.identifier
    UNION ALL
    SELECT identifiers.person_id, CAST(NULL AS TIMESTAMP)
    FROM changed_identifiers
    JOIN identifiers ON changed_identifiers.identifier = identifiers.identifier
)
WHERE person_id IS NOT NULL
GROUP BY person_id;

-- From the last session on that begins before the change, and over whose start nothing reaches: no visit, whose passive
-- events may lie days behind it, and no attempt that goes on.  Sessions of sources may overlap: there, from the beginning.
CREATE TABLE scratch.main.touched_people AS
WITH attempts AS (
    SELECT coalesce(max(window_seconds), 0) AS window_seconds
    FROM kpi_targets
    WHERE kpi IN (SELECT kpi FROM kpis_since)
),
stretches AS (
    SELECT sessions.person_id, 0 AS is_visit, sessions.started_at, plus_seconds(sessions.ended_at, attempts.window_seconds) AS until
    FROM sessions
    CROSS JOIN attempts
    WHERE sessions.person_id IN (SELECT person_id FROM changed_people)
    UNION ALL
    SELECT person_id, 1, min(first_at), max(last_at)
    FROM visit_facts
    WHERE person_id IN (SELECT person_id FROM changed_people)
    GROUP BY person_id, visit_no
),
looks_back AS (
    SELECT *, max(until) OVER (
        PARTITION BY person_id ORDER BY started_at, is_visit ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_until
    FROM stretches
)
SELECT changed.person_id, coalesce(
        max(CASE
            WHEN session_rule = 'gap' AND is_visit = 0 AND started_at < coalesce(changed.changed_at, TIMESTAMP '9999-01-01')
                AND (previous_until IS NULL OR started_at > previous_until) THEN started_at
        END),
        TIMESTAMP '0001-01-01') AS since
FROM changed_people AS changed
CROSS JOIN settings
LEFT JOIN looks_back ON changed.person_id = looks_back.person_id
GROUP BY changed.person_id;

DELETE FROM journeys.main.identifiers WHERE identifier IN (SELECT identifier FROM changed_identifiers);
INSERT INTO journeys.main.identifiers
SELECT * FROM scratch.by_person.identifiers WHERE identifier IN (SELECT identifier FROM changed_identifiers);

CREATE TABLE scratch.by_person.visit_owners AS
SELECT visit_owners.*
FROM visit_owners
JOIN scratch.by_person.identifiers AS identifiers ON visit_owners.owner = identifiers.identifier
JOIN touched_people ON identifiers.person_id = touched_people.person_id;

CREATE TABLE scratch.main.touched_visits AS
SELECT visit_owners.visit_no
FROM visit_owners
JOIN scratch.by_person.identifiers AS identifiers ON visit_owners.owner = identifiers.identifier
JOIN touched_people ON identifiers.person_id = touched_people.person_id AND visit_owners.started_at >= touched_people.since;
"""
>>>>>>> nights


def _people(con: duckdb.DuckDBPyConnection) -> None:
    """Find the people again, those whose visits changed hands, and since when."""
    for name in ("identity_links", "identity_clusters", "suspended_links"):
        make_model(con, name)
    make_model(con, "identifiers", "scratch.by_person")
<<<<<<< HEAD
    _touch(con, "changed_identifiers", "moved_visits", "changed_people", "touched_people")
    new = "scratch.by_person.identifiers WHERE identifier IN (SELECT identifier FROM changed_identifiers)"
    _replace(con, "journeys.main.identifiers", "identifier", "changed_identifiers", new)
    _touch(con, "by_person.visit_owners", "touched_visits")
    _make(con, "by_person", "visit_sessions")
=======
    since = [name for name, kpi in models.kpi_models().items() if "since" in kpi.header]
    create(con, "scratch.main.kpis_since", pa.table({"kpi": since}))
    run_all(con, CHANGED_IDENTIFIERS)
    look_in(con, "by_person")
    make_model(con, "visit_sessions", "scratch.by_person")
    look_in(con)


# --- events -----------------------------------------------------------------------------------------------------------

STALE_EVENTS = """
CREATE TABLE scratch.main.stale_events AS
WITH stale AS (
    SELECT visit_no FROM touched_visits UNION SELECT visit_no FROM moved_visits UNION SELECT visit_no FROM restarted_visits
)
SELECT * FROM events WHERE visit_no IN (SELECT visit_no FROM stale)
UNION ALL
SELECT * FROM events WHERE visit_no IS NULL AND event_no IN (SELECT event_no FROM removed_events);

CREATE TABLE scratch.by_person.source_events AS
SELECT * FROM scratch.by_stream.source_events
UNION ALL BY NAME
SELECT * EXCLUDE (occurred_on, person_id, session_id, touchpoint, role, visit_no)
FROM stale_events
WHERE event_no NOT IN (SELECT event_no FROM scratch.by_stream.source_events) AND event_no NOT IN (SELECT event_no FROM removed_events);

CREATE TABLE scratch.by_person.event_runs AS
SELECT event_no, run_no FROM scratch.by_stream.event_runs
UNION ALL
SELECT event_no, visit_no
FROM stale_events
WHERE visit_no IS NOT NULL AND event_no NOT IN (SELECT event_no FROM scratch.by_stream.source_events)
    AND event_no NOT IN (SELECT event_no FROM removed_events);

CREATE VIEW scratch.by_person.visit_splits AS SELECT * FROM scratch.by_stream.visit_splits;
"""
REPLACE_EVENTS = """
DELETE FROM journeys.main.events WHERE event_no IN (SELECT event_no FROM stale_events);
INSERT INTO journeys.main.events SELECT * FROM scratch.main.new_events;
CREATE VIEW scratch.by_person.events AS SELECT * FROM scratch.main.new_events;
"""
>>>>>>> nights


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """Put the events of touched people, from a session's start on, in their places."""
    _touch(con, "stale_events", "by_person.source_events", "by_person.event_runs", "by_person.visit_splits")
    look_in(con, "by_person")
    run(con, f"CREATE TABLE scratch.main.new_events AS {models.models()['events'].sql}")
    look_in(con)
    _replace(con, "journeys.main.events", "event_no", "stale_events", "scratch.main.new_events")
    _touch(con, "by_person.events")


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
    run(con, f"CREATE VIEW scratch.by_person.{model.name} AS SELECT * FROM {table} {of_people}")


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


GONE_UNITS = {
    "person": "DELETE FROM journeys.main.kpi_units AS old USING scratch.main.touched_people AS touched "
    "WHERE old.kpi = $kpi AND old.person_id = touched.person_id",
    "since": "DELETE FROM journeys.main.kpi_units AS old USING scratch.main.touched_people AS touched "
    "WHERE old.kpi = $kpi AND old.person_id = touched.person_id AND old.entered_at >= touched.since",
    "journey": "DELETE FROM journeys.main.kpi_units AS old "
    "WHERE old.kpi = $kpi AND old.unit_id IN (SELECT journey_id FROM scratch.main.touched_journeys)",
    "none": "DELETE FROM journeys.main.kpi_units AS old WHERE old.kpi = $kpi",
}


def _refresh_unit(con: duckdb.DuckDBPyConnection, model: models.Model, anew: set[str]) -> None:
    """Replace the units of touched people and journeys; those of KPIs that are few are all made anew."""
    look_in(con, "by_unit")
    run(con, f"CREATE TABLE scratch.main.new_units AS {model.sql}")
    look_in(con)
    with transaction(con):
        for kpi, of in models.kpi_models().items():
            how = "none" if kpi in anew else "since" if "since" in of.header else of.partition
            run(con, GONE_UNITS[how], {"kpi": kpi})
        run(con, f"INSERT INTO {model.schema}.{model.name} SELECT * FROM scratch.main.new_units")


TOUCHED = ("by_person", "by_journey")
"""Where what a night has touched is found, for the checks."""
