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
from connectors.engine import connect, run
from connectors.manifest import Entry
from pipelines import deliveries, models
from pipelines.definition import Definition
from pipelines.tables import local_days
from pipelines.warehouse import create, look_in, make_model, run_all

Say = Callable[[str], None]
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
    anew = _anew(begun.changed)
    for name in models.build_order(models.models()):
        model = models.models().get(name)
        if model is None or name in DONE:
            continue
        say(f"{'rebuild' if name in anew else 'build'} {name}")
        if name == "journey_touches":
            _touch_journeys(con)
        if name in anew or model.partition == "none":
            make_model(con, name)
        else:
            REFRESH[model.partition](con, model)
        failpoint(f"D:{name}")


DONE = upstream(STEPS_OF_EVENTS) | {"visit_sessions"}
"""What the first parts of a night's build bring up to date."""


def _anew(changed: frozenset[str]) -> set[str]:
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


# --- what arrives -----------------------------------------------------------------------------------------------------

REMOVED = """
CREATE TABLE scratch.main.removed_events AS
SELECT events.event_no, events.visit_no, events.person_id, events.occurred_at
FROM events
JOIN outdated_records ON events.load_seq = outdated_records.load_seq AND events.line_no = outdated_records.line_no
WHERE events.record_id IS NOT NULL;
"""


def _arrive(con: duckdb.DuckDBPyConnection) -> None:
    """Take in the new deliveries: which records they replace, which kinds of event and which blocked identifiers they bring."""
    run(con, f"INSERT INTO record_versions {models.models()['record_versions'].sql}")
    for name in ("outdated_records", "source_events"):
        make_model(con, name)
    for name in ("blocked_identifiers", "event_kinds"):
        run(con, f"INSERT INTO {name} ({models.models()[name].sql}) EXCEPT SELECT * FROM {name}")
    make_model(con, "identified_events")
    run_all(con, REMOVED)


# --- streams and visits -----------------------------------------------------------------------------------------------

TOUCHED_STREAMS = """
CREATE TABLE scratch.main.touched_streams AS
SELECT stream_space, stream, min(occurred_at) AS changed_at
FROM (
    SELECT stream_space, stream, occurred_at FROM identified_events WHERE stream IS NOT NULL
    UNION ALL
    SELECT visits.stream_space, visits.stream, removed.occurred_at
    FROM removed_events AS removed
    JOIN visits ON removed.visit_no = visits.visit_no
)
GROUP BY stream_space, stream;

-- From the last run that begins before the change on: what lies before it cannot change.
CREATE TABLE scratch.main.restarted_visits AS
WITH runs AS (
    SELECT visits.run_no, visits.stream_space, visits.stream, touched.changed_at, min(visits.started_at) AS run_at
    FROM visits
    JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream
    GROUP BY visits.run_no, visits.stream_space, visits.stream, touched.changed_at
),
starts AS (
    SELECT stream_space, stream, max(CASE WHEN run_at < changed_at THEN run_at END) AS from_at
    FROM runs
    GROUP BY stream_space, stream
)
SELECT visits.visit_no, visits.started_at
FROM visits
JOIN runs ON visits.run_no = runs.run_no
JOIN starts ON runs.stream_space = starts.stream_space AND runs.stream = starts.stream
WHERE starts.from_at IS NULL OR runs.run_at >= starts.from_at;

CREATE TABLE scratch.by_stream.source_events AS
SELECT * FROM source_events
UNION ALL BY NAME
SELECT events.* EXCLUDE (occurred_on, person_id, session_id, touchpoint, role, visit_no)
FROM events
JOIN restarted_visits ON events.visit_no = restarted_visits.visit_no
LEFT JOIN removed_events ON events.event_no = removed_events.event_no
WHERE removed_events.event_no IS NULL;

-- Whose the visits of touched streams were.
CREATE TABLE scratch.main.old_owners AS
SELECT visit_owners.*
FROM visit_owners
JOIN visits ON visit_owners.visit_no = visits.visit_no
JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream;
"""
REPLACE_VISITS = """
DELETE FROM journeys.work.visits WHERE visit_no IN (SELECT visit_no FROM restarted_visits);
INSERT INTO journeys.work.visits SELECT * FROM scratch.by_stream.visits;
DELETE FROM journeys.work.visit_pairs WHERE visit_no IN (SELECT visit_no FROM restarted_visits);
INSERT INTO journeys.work.visit_pairs SELECT * FROM scratch.by_stream.visit_pairs;
CREATE TABLE scratch.by_device.visits AS
SELECT visits.*
FROM journeys.work.visits
JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream;
"""
REPLACE_OWNERS = """
DELETE FROM journeys.work.visit_owners WHERE visit_no IN (SELECT visit_no FROM old_owners);
INSERT INTO journeys.work.visit_owners SELECT * FROM scratch.by_device.visit_owners;
"""


def _streams(con: duckdb.DuckDBPyConnection) -> None:
    """Make the visits of the touched streams anew, and decide whose they are."""
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


def _people(con: duckdb.DuckDBPyConnection) -> None:
    """Find the people again, those whose visits changed hands, and since when."""
    for name in ("identity_links", "identity_clusters", "suspended_links"):
        make_model(con, name)
    make_model(con, "identifiers", "scratch.by_person")
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


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """Put the events of touched people, from a session's start on, in their places."""
    run_all(con, STALE_EVENTS)
    look_in(con, "by_person")
    run(con, f"CREATE TABLE scratch.main.new_events AS {models.models()['events'].sql}")
    look_in(con)
    run_all(con, REPLACE_EVENTS)


# --- people's tables --------------------------------------------------------------------------------------------------


def _refresh_person(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched people: all of them, or those since the change where the header names the instant."""
    look_in(con, "by_person")
    since = model.header.get("since")
    if model.schema == "scratch.main":
        make_model(con, model.name, "scratch.by_unit" if model.name in models.kpi_models() else "scratch.by_person")
    else:
        make_model(con, model.name, "scratch.by_unit")
        later = f"AND old.{since} >= touched.since" if since else ""
        table = f"{model.schema}.{model.name}"
        run(
            con,
            f"DELETE FROM {table} AS old USING scratch.main.touched_people AS touched WHERE old.person_id = touched.person_id {later}",
        )
        run(con, f"INSERT INTO {table} SELECT * FROM scratch.by_unit.{model.name}")
        run(con, f"DROP TABLE scratch.by_unit.{model.name}")
        run(
            con,
            f"CREATE VIEW scratch.by_person.{model.name} AS SELECT * FROM {table} "
            "WHERE person_id IN (SELECT person_id FROM scratch.main.touched_people)",
        )
    look_in(con)


# --- journeys ---------------------------------------------------------------------------------------------------------

TOUCHED_SUBJECTS = """
CREATE TABLE scratch.main.touched_subjects AS
WITH changed_events AS (
    SELECT event_no, source, session_id, order_id, ticket_id, account_id FROM stale_events
    UNION ALL
    SELECT event_no, source, session_id, order_id, ticket_id, account_id FROM new_events
),
touched AS (
    SELECT definitions.journey, touched_people.person_id AS subject_id, touched_people.since
    FROM touched_people
    JOIN journey_definitions AS definitions ON definitions.subject = 'person'
    UNION
    SELECT definitions.journey,
        CASE definitions.subject
            WHEN 'session' THEN changed_events.session_id
            WHEN 'order' THEN sources.order_namespace || ':' || changed_events.order_id
            WHEN 'ticket' THEN sources.ticket_namespace || ':' || changed_events.ticket_id
            WHEN 'account' THEN sources.account_namespace || ':' || changed_events.account_id
        END,
        TIMESTAMP '0001-01-01'
    FROM changed_events
    JOIN sources ON changed_events.source = sources.source
    JOIN journey_definitions AS definitions ON definitions.subject <> 'person'
)
-- From the last journey that begins before the change on.
SELECT touched.journey, touched.subject_id,
    coalesce(max(CASE WHEN journeys.started_at < touched.since THEN journeys.started_at END), TIMESTAMP '0001-01-01') AS since
FROM touched
LEFT JOIN journeys.main.journeys ON touched.journey = journeys.journey AND touched.subject_id = journeys.subject_id
WHERE touched.subject_id IS NOT NULL
GROUP BY touched.journey, touched.subject_id;

CREATE TABLE scratch.by_journey.events AS
WITH wanted AS (
    SELECT events.event_no
    FROM events
    JOIN (
        SELECT touched.subject_id, min(touched.since) AS since
        FROM touched_subjects AS touched
        JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'person'
        GROUP BY touched.subject_id
    ) AS people_since
        ON events.person_id = people_since.subject_id AND events.occurred_at >= people_since.since
    WHERE events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN touched_subjects AS touched ON events.session_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'session'
    WHERE events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.order_namespace || ':' || events.order_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'order'
    WHERE events.order_id IS NOT NULL AND events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.ticket_namespace || ':' || events.ticket_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'ticket'
    WHERE events.ticket_id IS NOT NULL AND events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.account_namespace || ':' || events.account_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'account'
    WHERE events.account_id IS NOT NULL AND events.touchpoint IS NOT NULL
)
SELECT events.*
FROM events
JOIN wanted ON events.event_no = wanted.event_no;

CREATE TABLE scratch.main.touched_journeys AS
SELECT journeys.journey_id
FROM journeys.main.journeys
JOIN touched_subjects AS touched
    ON journeys.journey = touched.journey AND journeys.subject_id = touched.subject_id AND journeys.started_at >= touched.since;
"""
TOUCHES = """
CREATE TABLE scratch.by_journey.journey_touches AS
SELECT touches.*
FROM scratch.by_unit.journey_touches AS touches
JOIN touched_subjects AS touched
    ON touches.journey = touched.journey AND touches.subject_id = touched.subject_id AND touches.occurred_at >= touched.since;
"""


def _touch_journeys(con: duckdb.DuckDBPyConnection) -> None:
    """Find the touched subjects, their events, and the journeys that are made anew."""
    run_all(con, TOUCHED_SUBJECTS)


def _refresh_journey(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the rows of touched journeys."""
    look_in(con, "by_journey")
    if model.name == "journey_touches":
        make_model(con, model.name, "scratch.by_unit")
        run_all(con, TOUCHES)
    else:
        make_model(con, model.name, "scratch.by_unit" if model.name in models.kpi_models() else "scratch.by_journey")
    if model.schema != "scratch.main":
        table = f"{model.schema}.{model.name}"
        run(con, f"DELETE FROM {table} WHERE journey_id IN (SELECT journey_id FROM scratch.main.touched_journeys)")
        run(con, f"INSERT INTO {table} SELECT * FROM scratch.by_journey.{model.name}")
    look_in(con)


# --- units of KPIs ----------------------------------------------------------------------------------------------------

GONE_UNITS = {
    "person": "DELETE FROM journeys.main.kpi_units AS old USING scratch.main.touched_people AS touched "
    "WHERE old.kpi = $kpi AND old.person_id = touched.person_id",
    "since": "DELETE FROM journeys.main.kpi_units AS old USING scratch.main.touched_people AS touched "
    "WHERE old.kpi = $kpi AND old.person_id = touched.person_id AND old.entered_at >= touched.since",
    "journey": "DELETE FROM journeys.main.kpi_units AS old "
    "WHERE old.kpi = $kpi AND old.unit_id IN (SELECT journey_id FROM scratch.main.touched_journeys)",
    "none": "DELETE FROM journeys.main.kpi_units AS old WHERE old.kpi = $kpi",
}


def _refresh_unit(con: duckdb.DuckDBPyConnection, model: models.Model) -> None:
    """Replace the units of touched people and journeys; those of KPIs that are few are all made anew."""
    for kpi, of in models.kpi_models().items():
        run(con, GONE_UNITS["since" if "since" in of.header else of.partition], {"kpi": kpi})
    look_in(con, "by_unit")
    run(con, f"CREATE TABLE scratch.by_unit.{model.name} AS {model.sql}")
    look_in(con)
    run(con, f"INSERT INTO {model.schema}.{model.name} SELECT * FROM scratch.by_unit.{model.name}")


TOUCHED = ("by_person", "by_journey")
"""Where what a night has touched is found, for the checks."""
REFRESH = {"person": _refresh_person, "journey": _refresh_journey, "unit": _refresh_unit}
