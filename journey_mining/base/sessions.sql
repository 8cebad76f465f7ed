-- The tables of a log whose journeys are the sessions of another's. A session says nothing about an outcome.
-- reads: session_of_step, known_rows, known_journeys, known_observed, known_changes

CREATE OR REPLACE TEMP TABLE sessions AS
SELECT
    (row_number() OVER (ORDER BY journey_no, session_number))::INTEGER AS session_no,
    journey_no,
    session_number,
    count(*) AS n_steps,
    min(occurred_at) AS started_at,
    max(occurred_at) AS ended_at
FROM session_of_step JOIN known_rows USING (journey_no, step_number)
GROUP BY journey_no, session_number;

CREATE TABLE journeys AS
SELECT
    known.* REPLACE (
        session_no AS journey_no,
        journey_id || '/' || session_number AS journey_id,
        NULL AS outcome,
        FALSE AS is_open,
        '(end)'::name AS end_name,
        sessions.n_steps AS n_steps,
        sessions.started_at AS started_at,
        sessions.ended_at AS ended_at
    )
FROM sessions JOIN known_journeys AS known USING (journey_no);

CREATE TABLE rows AS
SELECT
    known_rows.* REPLACE (
        session_no AS journey_no,
        (row_number() OVER (PARTITION BY session_no ORDER BY step_number))::INTEGER AS step_number
    )
FROM known_rows
JOIN session_of_step USING (journey_no, step_number)
JOIN sessions USING (journey_no, session_number);

CREATE TABLE observed AS SELECT as_of FROM known_observed;

CREATE TABLE changes AS FROM known_changes;
