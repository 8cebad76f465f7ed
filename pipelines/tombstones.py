"""Tell by what a person who is published is to be recognised, once they are erased."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors import erasure
from connectors.engine import connect, run
from connectors.erasure import Erasure
from connectors.source import NAMESPACED
from pipelines.deliveries import delivery, read_deliveries
from pipelines.errors import JourneysError
from pipelines.landed_people import Landing
from pipelines.people import Person, find, must_be_one_human


def tombstones(folder: Path, landing: Landing, name: str, is_told: bool) -> Erasure:
    """Find out by what a published person is known; raises JourneysError when that cannot be told."""
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        person = find(con, name, landing.keys)
        must_be_one_human(person, "erase", is_told)
        _must_be_up_to_date(con, folder, landing)
        return known_by(con, landing, person)
    finally:
        con.close()


def known_by(con: duckdb.DuckDBPyConnection, landing: Landing, person: Person) -> Erasure:
    """Gather by what a person is known in what has landed, as the published build tells it."""
    names = [*person.identifiers, *_column(con, THEIRS_ALONE, person), *_column(con, UNNAMED_EVENTS, person)]
    names += [nobody for (nobody,) in run(con, NOBODY)]
    rows = run(con, "SELECT count(*) FROM events WHERE person_id = $id", {"id": person.person_id})
    name_of_key, key = next(iter(landing.keys.items()))
    return Erasure(
        person_id=person.person_id,
        asked_at=datetime.now(UTC),
        key_id=name_of_key,
        tombstones=tuple(sorted({erasure.tombstone(key, one) for one in names})),
        prefixes=landing.prefixes_by_source(),
        n_events=rows[0][0],
        n_quarantined=0,
        n_files=0,
    )


def _must_be_up_to_date(con: duckdb.DuckDBPyConnection, folder: Path, landing: Landing) -> None:
    """Refuse to tell from a build whose a device is when more has landed, or the sources are others, than it knows."""
    landed = {delivery(entry) for entry in landing.entries if entry.source in landing.prefixes}
    known = {source: {*prefixes} for source, *prefixes in run(con, PREFIXES)}
    today = {
        source: {one for one in prefixes if one.startswith(NAMES)} for source, prefixes in landing.prefixes.items()
    }
    if {*read_deliveries(folder / "journeys.duckdb")} != landed or known != today:
        raise JourneysError(
            "What is published is not what has landed and is defined, so that whose a device, an order or a ticket is "
            "cannot be told; run `journeys publish`, then erase."
        )


NAMES = tuple(f"{kind}:" for kind in NAMESPACED)
PREFIXES = """
SELECT source, 'user:' || user_namespace || ':', 'device:' || device_namespace || ':', 'order:' || order_namespace || ':',
    'ticket:' || ticket_namespace || ':'
FROM sources
"""


THEIRS_ALONE = """
WITH seen AS (
    SELECT person_id, 'device:' || device_namespace || ':' || device_id AS identifier FROM events JOIN sources USING (source)
    UNION ALL
    SELECT person_id, 'order:' || order_namespace || ':' || order_id FROM events JOIN sources USING (source)
    UNION ALL
    SELECT person_id, 'ticket:' || ticket_namespace || ':' || ticket_id FROM events JOIN sources USING (source)
),
theirs AS (
    SELECT DISTINCT identifier FROM seen WHERE person_id = $id AND identifier IS NOT NULL
)
SELECT identifier FROM theirs
EXCEPT
SELECT identifier FROM seen SEMI JOIN theirs USING (identifier) WHERE person_id NOT IN ($id, id_of(identifier))
"""
"""Devices, orders and tickets on which nobody else was seen. An anonymous visitor of a device is nobody else."""

UNNAMED_EVENTS = """
SELECT 'event:' || source || ':' || event_id
FROM events
JOIN sources USING (source)
WHERE person_id = $id AND NOT EXISTS (
    SELECT 1 FROM identifiers
    WHERE identifiers.person_id = $id AND identifiers.identifier IN (
        'user:' || user_namespace || ':' || user_id, 'email:' || email_key, 'phone:' || phone_key)
)
"""
"""What was given to them by the device alone, which others may use too, has to be told by its own name."""


NOBODY = """
SELECT 'nobody:' || kind || CASE WHEN namespace = '' THEN ':' ELSE ':' || namespace || ':' END || value
FROM work.blocked_identifiers
WHERE kind IN ('user', 'email', 'phone')
"""
"""Logins that name nobody: a row of such a one, on a device that was theirs alone, is theirs."""


def _column(con: duckdb.DuckDBPyConnection, sql: str, person: Person) -> list[str]:
    return [value for (value,) in run(con, sql, {"id": person.person_id})]
