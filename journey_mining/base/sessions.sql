-- The tables of a log whose journeys are the sessions of another's. A session says nothing about an outcome.
-- One that was cut at a gap is open until the gap has passed: what is known goes no further, and it may go on. One that the
-- source cut is over as it came. Both whatever the journey is that it lies in.
-- reads: cut_rows (in order, session by session), known_journeys, known_observed, known_changes, $gap (an interval, or NULL)

-- rows: numbered by their places in the order of cut_rows.  key: journey_no, step_number
CREATE TABLE rows AS
SELECT
    placed.* EXCLUDE (is_start, session_no, place)
    REPLACE (
        session_no AS journey_no,
        (place + 1 - max(CASE WHEN is_start THEN place END) OVER (ROWS UNBOUNDED PRECEDING))::INTEGER AS step_number
    ),
    journey_no AS known_journey_no
FROM (
    SELECT
        *,
        (count(*) FILTER (is_start) OVER (ROWS UNBOUNDED PRECEDING))::INTEGER AS session_no,
        row_number() OVER () AS place
    FROM cut_rows
) AS placed;

CREATE TABLE journeys AS
WITH sessions AS (
    SELECT
        journey_no AS session_no,
        any_value(known_journey_no) AS journey_no,
        count(*) AS n_steps,
        min(occurred_at) AS started_at,
        max(occurred_at) AS ended_at
    FROM rows
    GROUP BY journey_no
),
numbered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY journey_no ORDER BY session_no) AS session_number,
        coalesce(ended_at + $gap::INTERVAL > as_of, FALSE) AS is_going_on
    FROM sessions CROSS JOIN known_observed
)
SELECT
    known.* REPLACE (
        session_no AS journey_no,
        journey_id || '/' || session_number AS journey_id,
        NULL::VARCHAR AS outcome,
        is_going_on AS is_open,
        (CASE WHEN is_going_on THEN '(open)' ELSE '(end)' END)::name AS end_name,
        numbered.n_steps AS n_steps,
        numbered.started_at AS started_at,
        numbered.ended_at AS ended_at
    )
FROM numbered JOIN known_journeys AS known USING (journey_no);

ALTER TABLE rows DROP COLUMN known_journey_no;

CREATE TABLE observed AS SELECT as_of FROM known_observed;

CREATE TABLE changes AS FROM known_changes;
