-- session_of_step: one row per step, in the session that its source says; those of a journey by their first step.
-- key: journey_no, step_number
-- reads: known_rows
CREATE OR REPLACE TEMP TABLE session_of_step AS
WITH found AS (
    SELECT
        journey_no,
        session_id,
        row_number() OVER (PARTITION BY journey_no ORDER BY min(step_number)) AS session_number
    FROM known_rows
    GROUP BY journey_no, session_id
)
SELECT journey_no, step_number, session_number
FROM known_rows JOIN found USING (journey_no, session_id);
