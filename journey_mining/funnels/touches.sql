-- touches: one row per step and stage that it may serve.  key: sequence_no, position, step_number
-- first_step, last_step: the steps that count as simultaneous with it, so that either order is right: not further away
-- than $ties_us; if $is_logged only itself. barred_step, barred_at: see touches_barred.sql.
-- reads: sequences, wanted, barred, $is_logged, $ties_us (microseconds)
CREATE TEMP TABLE touches AS
WITH stage_names AS (
    SELECT position, TRY_CAST(name AS name) AS name FROM wanted
),
found AS MATERIALIZED (
    SELECT * FROM sequences WHERE name IN (SELECT name FROM stage_names UNION ALL SELECT name FROM barred)
),
-- Few sequences have two at one instant; only these are put in order.
near AS (
    SELECT
        sequence_no, step_number,
        min(step_number) OVER simultaneous AS first_step,
        max(step_number) OVER simultaneous AS last_step
    FROM found
    WHERE NOT $is_logged AND (
        $ties_us > 0
        OR sequence_no IN (SELECT sequence_no FROM found GROUP BY sequence_no, at_us HAVING count(*) > 1)
    )
    WINDOW simultaneous AS (
        PARTITION BY sequence_no ORDER BY at_us
        RANGE BETWEEN $ties_us PRECEDING AND $ties_us FOLLOWING
    )
)
SELECT
    sequence_no, unit_no, position, step_number, at_us,
    coalesce(first_step, step_number) AS first_step,
    coalesce(last_step, step_number) AS last_step,
    NULL::INTEGER AS barred_step, NULL::BIGINT AS barred_at, journey_no, journey_step, value
FROM found JOIN stage_names USING (name) LEFT JOIN near USING (sequence_no, step_number);
