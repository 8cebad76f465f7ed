-- stage_visits: one row per run of consecutive steps of a journey in one stage.
-- key: journey_id, visit_number
-- partition: journey
-- reads: journey_steps
-- The time in the stage runs from its first step to the first step of the next visit, or to its own last step when
-- the journey goes nowhere from there.
WITH stays AS (
    SELECT journey, journey_id, visit_number, min(subject_id) AS subject_id, min(person_id) AS person_id, min(stage) AS stage,
        min(stage_position) AS stage_position, min(occurred_at) AS entered_at, max(occurred_at) AS last_step_at, count(*) AS n_steps
    FROM journey_steps
    GROUP BY journey, journey_id, visit_number
),
followed AS (
    SELECT *,
        lead(stage) OVER (PARTITION BY journey_id ORDER BY visit_number) AS next_stage,
        lead(entered_at) OVER (PARTITION BY journey_id ORDER BY visit_number) AS next_entered_at
    FROM stays
)
SELECT journey, journey_id, visit_number, subject_id, person_id, stage, stage_position, entered_at, last_step_at,
    coalesce(next_entered_at, last_step_at) AS left_at, secs_between(entered_at, coalesce(next_entered_at, last_step_at)) AS stay_seconds,
    next_stage, secs_between(last_step_at, next_entered_at) AS handover_seconds, n_steps
FROM followed;
