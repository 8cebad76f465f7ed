-- touches: the same as touches.sql where steps at one instant have the order they were logged in and nothing is barred.
-- A view: each query then reads the steps of its own stage alone.
-- reads: sequences, wanted
CREATE TEMP VIEW touches AS
SELECT
    sequence_no, unit_no, position, step_number, at_us, step_number AS first_step, step_number AS last_step,
    NULL::INTEGER AS barred_step, NULL::BIGINT AS barred_at, journey_no, journey_step, value
FROM sequences JOIN (SELECT position, TRY_CAST(name AS name) AS name FROM wanted) AS stage_names USING (name);
