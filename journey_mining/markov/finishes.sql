-- finishes: one row per journey: where the chain stops following it.  key: journey_no
-- last_step: its first step named $success, else its last step.  finished_at: when that was.
-- end_name: '(success)' or '(end)' where a name is success; else how the journey ended.
-- reads: journeys, steps, $success (a name, or NULL)
CREATE TEMP TABLE finishes AS
WITH successes AS (
    SELECT journey_no, min(step_number) AS step_number, min(occurred_at) AS occurred_at
    FROM steps
    WHERE name = $success
    GROUP BY journey_no
)
SELECT
    journey_no,
    person_no,
    cluster_no,
    is_open,
    coalesce(step_number, n_steps) AS last_step,
    coalesce(occurred_at, ended_at) AS finished_at,
    CASE
        WHEN $success IS NULL THEN end_name
        WHEN step_number IS NULL THEN '(end)'::name ELSE '(success)'::name
    END AS end_name
FROM journeys LEFT JOIN successes USING (journey_no);
