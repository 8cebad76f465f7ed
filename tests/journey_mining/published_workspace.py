"""A published workspace in small: the tables that the library reads of a journeys.duckdb, with few steps."""

from pathlib import Path

import duckdb

TABLES = """
CREATE TABLE journey_definitions AS FROM (VALUES ('buying', 1, TIMESTAMP '2024-05-09')) AS t(journey, position, as_of);
CREATE TABLE settings AS SELECT 'Asia/Kolkata' AS zone;
CREATE TABLE stages AS FROM (VALUES ('buying', 'pay', 2), ('buying', 'look', 1)) AS t(journey, stage, position);
CREATE TABLE stage_touchpoints AS FROM (VALUES
    ('buying', 'look', 'shelf'), ('buying', 'look', 'door'), ('buying', 'pay', 'till')
) AS t(journey, stage, touchpoint);
CREATE TABLE journey_steps AS FROM (VALUES
    ('buying', 'a', 'ann', 's1', 1, TIMESTAMP '2024-05-01 20:00', 'pay', 'till', 1),
    ('buying', 'a', 'ann', 's1', 2, TIMESTAMP '2024-05-01 20:10', 'look', 'door', 2),
    ('buying', 'b', 'ann', 's1', 1, TIMESTAMP '2024-05-01 20:20', 'look', 'shelf', 3),
    ('buying', 'c', 'bob', 's2', 1, TIMESTAMP '2024-05-02 09:00', 'look', 'door', 4)
) AS t(journey, journey_id, person_id, session_id, step_number, occurred_at, stage, touchpoint, event_no);
ALTER TABLE journey_steps ADD COLUMN event_id VARCHAR;
ALTER TABLE journey_steps ADD COLUMN channel VARCHAR;
ALTER TABLE journey_steps ADD COLUMN order_key VARCHAR;
CREATE TABLE journey_outcomes AS FROM (VALUES
    ('a', 'ann', 'succeeded', 'new'), ('b', 'ann', 'dropped', 'new'), ('c', 'bob', 'open', 'new')
) AS t(journey_id, person_id, outcome, persona);
CREATE TABLE events AS
SELECT event_no, 'web' AS source, CASE WHEN stage = 'pay' THEN 'order_paid' ELSE 'page_view' END AS event_name
FROM journey_steps;
"""
"""Days in Kolkata begin at 18:30 UTC of the day before: ann's first steps are of 2 May there."""


def publish(folder: Path, change: str = "") -> Path:
    """Write a journeys.duckdb into a folder, changed by statements; return its path."""
    path = folder / "journeys.duckdb"
    with duckdb.connect(path) as con:
        con.execute(TABLES + change)
    return path
