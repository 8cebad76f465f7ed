-- chains: one row per attempt and number of stages done, in any order.  key: sequence_no, entry_step, position
-- An entry is an instant with a touch of any stage; from there the first touch of each stage counts.
-- reads: touches, stages, $is_first_enough, $is_logged, $window_us
CREATE TEMP TABLE chains AS
WITH entries AS (
    SELECT *
    FROM touches
    QUALIFY row_number() OVER (
        PARTITION BY sequence_no, CASE WHEN $is_first_enough THEN 0 WHEN $is_logged THEN step_number ELSE at_us END ORDER BY step_number
    ) = 1
),
found AS (
    SELECT entries.step_number AS entry_step, entries.at_us AS entered_at, touches.*
    FROM (SELECT entries.*, stages.position AS wanted_position FROM entries CROSS JOIN stages) AS entries
    ASOF JOIN touches
        ON touches.sequence_no = entries.sequence_no AND touches.position = entries.wanted_position
        AND touches.step_number >= entries.first_step
    WHERE coalesce(touches.at_us <= entries.at_us + $window_us, TRUE)
        AND coalesce(touches.first_step <= entries.barred_step, TRUE)
)
SELECT
    sequence_no, unit_no, entry_step, entered_at,
    (row_number() OVER (PARTITION BY sequence_no, entry_step ORDER BY step_number))::INTEGER AS position,
    at_us, step_number, first_step, barred_step, barred_at, journey_no, journey_step, value
FROM found;
