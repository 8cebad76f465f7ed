"""What a build remembers of those before it: figures of closed days that changed, and people who became others.

All other tables are a function of what has landed, of the definition and of the code; these two say what became of it.
"""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from connectors.engine import connect, run
from pipelines import fingerprints
from pipelines.errors import is_damage
from pipelines.warehouse import create, run_all

EMPTY = """
CREATE TABLE IF NOT EXISTS restatements (
    build_id VARCHAR, kpi VARCHAR, day DATE, persona VARCHAR,
    old_value DOUBLE, new_value DOUBLE, old_n_units BIGINT, new_n_units BIGINT, cause VARCHAR);
CREATE TABLE IF NOT EXISTS person_changes (
    build_id VARCHAR, change VARCHAR, identifier VARCHAR, old_person_id VARCHAR, new_person_id VARCHAR);
"""
CARRIED_OVER = """
CREATE OR REPLACE TABLE journeys.main.restatements AS SELECT * FROM previous.main.restatements;
-- Nothing is remembered of an identifier that is no more: its person may have been erased.
CREATE OR REPLACE TABLE journeys.main.person_changes AS
SELECT changes.* FROM previous.main.person_changes AS changes SEMI JOIN identifiers USING (identifier);
"""
RESTATEMENTS = """
INSERT INTO journeys.main.restatements
WITH causes AS (
    SELECT CASE
            WHEN (SELECT min(build_id) FROM previous.main.build) = $build_id
                THEN 'built anew: what was published did not follow from what had landed'
            WHEN EXISTS (
                SELECT 1
                FROM previous.main.deliveries AS old
                LEFT JOIN deliveries AS new ON old.load_seq = new.load_seq AND old.sha256 IS NOT DISTINCT FROM new.sha256
                WHERE new.load_seq IS NULL
            ) THEN 'a delivery landed again, expired or was erased'
            ELSE 'events came late'
        END AS cause
),
figures AS (
    -- A day was closed for a persona whether or not it had a unit; that it had none is a figure too.
    SELECT kpi, day, persona, old.value AS old_value, new.value AS new_value,
        coalesce(old.n_units, 0) AS old_n_units, coalesce(new.n_units, 0) AS new_n_units
    FROM previous.main.kpi_daily AS old
    FULL JOIN kpi_daily AS new USING (kpi, day, persona)
    LEFT JOIN previous.work.periods AS periods ON 'kpi:' || kpi = periods.measure AND periods.period = 'all'
    WHERE coalesce(old.is_closed, day <= periods.closed_on)
),
others_now AS (
    SELECT old_person_id AS person_id FROM person_changes WHERE build_id = $build_id
    UNION
    SELECT new_person_id FROM person_changes WHERE build_id = $build_id
),
linked_otherwise AS (
    SELECT kpi, entered_on AS day FROM kpi_units WHERE person_id IN (SELECT person_id FROM others_now)
    UNION
    SELECT kpi, entered_on FROM previous.main.kpi_units WHERE person_id IN (SELECT person_id FROM others_now)
)
SELECT $build_id, figures.kpi, figures.day, figures.persona, old_value, new_value, old_n_units, new_n_units,
    CASE
        WHEN targets.kpi IS NULL OR before.fingerprint IS DISTINCT FROM now.fingerprint
            OR personas_before.fingerprint IS DISTINCT FROM personas_now.fingerprint
            THEN 'computed otherwise: the definition or the code changed'
        WHEN targets.as_of < targets_before.as_of AND NOT starts_with(causes.cause, 'built') THEN 'as of an earlier instant'
        WHEN linked_otherwise.day IS NOT NULL AND causes.cause = 'events came late' THEN 'people were linked otherwise'
        ELSE causes.cause
    END
FROM figures
CROSS JOIN causes
LEFT JOIN linked_otherwise ON figures.kpi = linked_otherwise.kpi AND figures.day = linked_otherwise.day
LEFT JOIN previous.work.fingerprints AS before ON before.model = figures.kpi
LEFT JOIN now_fingerprints AS now ON now.model = figures.kpi
-- Personas are decided of sessions, whatever a KPI itself reads.
LEFT JOIN previous.work.fingerprints AS personas_before ON personas_before.model = 'sessions'
LEFT JOIN now_fingerprints AS personas_now ON personas_now.model = 'sessions'
LEFT JOIN kpi_targets AS targets ON targets.kpi = figures.kpi
LEFT JOIN previous.main.kpi_targets AS targets_before ON targets_before.kpi = figures.kpi
WHERE old_value IS DISTINCT FROM new_value OR old_n_units <> new_n_units
ORDER BY figures.kpi, figures.day, figures.persona
"""
PERSON_CHANGES = """
INSERT INTO journeys.main.person_changes
WITH moves AS (
    SELECT old.identifier, old.person_id AS old_person_id, new.person_id AS new_person_id
    FROM previous.main.identifiers AS old
    JOIN identifiers AS new ON old.identifier = new.identifier
    WHERE old.person_id <> new.person_id
),
splits AS (
    -- Somebody of the old person is somebody else than the rest.
    SELECT old.person_id
    FROM previous.main.identifiers AS old
    JOIN identifiers AS new ON old.identifier = new.identifier
    WHERE old.person_id IN (SELECT old_person_id FROM moves)
    GROUP BY old.person_id
    HAVING min(new.person_id) <> max(new.person_id)
),
merges AS (
    SELECT new.person_id
    FROM previous.main.identifiers AS old
    JOIN identifiers AS new ON old.identifier = new.identifier
    WHERE new.person_id IN (SELECT new_person_id FROM moves)
    GROUP BY new.person_id
    HAVING min(old.person_id) <> max(old.person_id)
)
SELECT $build_id,
    CASE WHEN splits.person_id IS NOT NULL THEN 'split' WHEN merges.person_id IS NOT NULL THEN 'merged' ELSE 'renamed' END,
    moves.identifier, moves.old_person_id, moves.new_person_id
FROM moves
LEFT JOIN splits ON moves.old_person_id = splits.person_id
LEFT JOIN merges ON moves.new_person_id = merges.person_id
ORDER BY moves.identifier
"""


RESTS_ON = (
    *(
        f"main.{name}"
        for name in ("restatements", "person_changes", "kpi_daily", "kpi_units", "identifiers", "deliveries", "build")
    ),
    "work.periods",
    "work.fingerprints",
)
"""What is read of the build before."""


def is_whole(file: Path) -> bool:
    """Tell whether all that a build may remember of this one is there and can be read."""
    try:
        with closing(connect(file, allowed=[file.parent], read_only=True)) as con:
            for name in RESTS_ON:
                con.table(name).aggregate("bit_xor(hash(COLUMNS(*)))").fetchall()
    except duckdb.CatalogException:
        return False
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        return False
    return True


def remember(con: duckdb.DuckDBPyConnection, build_id: str, prints: Mapping[str, str], *, is_first: bool) -> None:
    """Add to restatements and person_changes what this build changed of the one published before it, attached as `previous`."""
    if is_first:
        run_all(con, EMPTY)
        return
    run_all(con, CARRIED_OVER)
    create(con, "scratch.main.now_fingerprints", fingerprints.table(prints))
    for statement in (PERSON_CHANGES, RESTATEMENTS):
        run(con, statement, {"build_id": build_id})
