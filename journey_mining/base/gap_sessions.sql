-- session_of_step: one row per step: a session is a run of a journey's steps without a silence longer than the gap.
-- key: journey_no, step_number
-- reads: known_rows, $gap (an interval)
CREATE OR REPLACE TEMP TABLE session_of_step AS
WITH followed AS (
    SELECT journey_no, step_number, occurred_at > lag(occurred_at) OVER in_order + $gap::INTERVAL AS is_start
    FROM known_rows
    WINDOW in_order AS (PARTITION BY journey_no ORDER BY step_number)
)
SELECT
    journey_no,
    step_number,
    1 + count(*) FILTER (is_start) OVER (PARTITION BY journey_no ORDER BY step_number) AS session_number
FROM followed;
