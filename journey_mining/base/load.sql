-- What every analysis rests on, made once per log from the view `source`: the type `name` and the tables `alphabets`,
-- `journeys`, `rows` and `observed`. `rows` lie in the order of their key, which base/visits.sql and base/gap_sessions.sql use.
-- reads: source (journey_id, person_id, step_number, occurred_at, stage, touchpoint, event, outcome, and what else was
-- asked for), $as_of (a time in UTC, or NULL: the latest step)

-- alphabets: one row per name that a step has, also in a log that is made from this one by leaving steps out.
-- key: alphabet, name
CREATE TABLE alphabets AS
SELECT DISTINCT alphabet, name
FROM (SELECT DISTINCT stage, touchpoint, event FROM source) UNPIVOT (name FOR alphabet IN (stage, touchpoint, event));

-- name: what a step may be called, and the names of our own, in the order of the alphabet: numbers that sort as text.
CREATE TYPE name AS ENUM (
    SELECT name FROM (
        SELECT name FROM alphabets
        UNION
        SELECT unnest([
            '(start)', '(success)', '(dropped)', '(active)', '(open)', '(end)', '(ended)', '(other)', '(more)'
        ])
    )
    ORDER BY name
);

-- journeys: one row per journey.  key: journey_no
-- cluster_no: the person, whose journeys are alike; a journey of nobody is a cluster of its own.
CREATE TABLE journeys AS
WITH found AS (
    SELECT
        journey_id,
        any_value(person_id) AS person_id,
        any_value(outcome) AS outcome,
        count(*) AS n_steps,
        min(occurred_at) AS started_at,
        max(occurred_at) AS ended_at
    FROM source
    GROUP BY journey_id
),
numbered AS (
    SELECT
        (row_number() OVER (ORDER BY journey_id))::INTEGER AS journey_no,
        CASE WHEN person_id IS NOT NULL THEN (dense_rank() OVER (ORDER BY person_id NULLS LAST))::INTEGER END
            AS person_no,
        *
    FROM found
)
SELECT
    journey_no,
    journey_id,
    person_no,
    person_id,
    coalesce(person_no, -journey_no) AS cluster_no,
    outcome,
    coalesce(outcome = 'open', FALSE) AS is_open,
    (CASE outcome
        WHEN 'succeeded' THEN '(success)' WHEN 'dropped' THEN '(dropped)'
        WHEN 'active' THEN '(active)' WHEN 'open' THEN '(open)' ELSE '(end)'
    END)::name AS end_name,
    n_steps,
    started_at,
    ended_at
FROM numbered;

-- rows: one row per step, in the order of time, and of its number at equal times.  key: journey_no, step_number
-- Sorted once; numbers come from the place in that order, which costs much less than a window per journey.
CREATE TABLE rows AS
SELECT
    journey_no,
    (row_number() OVER () - n_rows_before)::INTEGER AS step_number,
    sorted.* EXCLUDE (journey_no, n_rows_before)
FROM (
    SELECT
        journey_no,
        n_rows_before,
        occurred_at,
        stage::name AS stage,
        touchpoint::name AS touchpoint,
        event::name AS event,
        source.* EXCLUDE (journey_id, person_id, step_number, occurred_at, stage, touchpoint, event, outcome)
    FROM source JOIN (
        SELECT journey_id, journey_no,
            (sum(n_steps) OVER (ORDER BY journey_no) - n_steps)::INTEGER AS n_rows_before
        FROM journeys
    ) AS places USING (journey_id)
    ORDER BY journey_no, occurred_at, source.step_number
) AS sorted;

-- observed: one row.  as_of: up to when what happened is known, in UTC.
CREATE TABLE observed AS
SELECT coalesce($as_of::TIMESTAMP, max(ended_at)) AS as_of FROM journeys;

-- changes: what cleaning did, in order; nothing yet.  key: position, name
CREATE TABLE changes (position BIGINT, did VARCHAR, name VARCHAR, new_name VARCHAR, n_steps BIGINT);
