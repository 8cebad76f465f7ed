-- journeys: one row per journey: whose, from when to when, through how much, how often successful.
-- key: journey_id
-- partition: journey
-- reads: journey_starts, journey_steps, stage_visits, local_days
-- Success marks a journey and does not end it.  Successes are counted by their order ids; where there are none, by
-- the visits to the success stage.
WITH measured AS (
    SELECT journey_id, max(occurred_at) AS last_step_at, count(*) AS n_steps, max(visit_number) AS n_visits,
        min(CASE WHEN is_success THEN occurred_at END) AS first_success_at
    FROM journey_steps
    GROUP BY journey_id
),
successes AS (
    SELECT journey_id, count(DISTINCT order_key) AS n_orders, count(DISTINCT visit_number) AS n_success_visits
    FROM journey_steps
    WHERE is_success
    GROUP BY journey_id
),
last_visits AS (
    SELECT journey_id, stage FROM stage_visits WHERE next_stage IS NULL
)
SELECT starts.journey, starts.journey_id, starts.subject_id, starts.person_id, starts.persona,
    starts.started_at, local_days.local_on AS started_on, measured.last_step_at, measured.n_steps, measured.n_visits,
    starts.first_stage, last_visits.stage AS last_stage, starts.first_touchpoint, starts.first_channel, measured.first_success_at,
    CASE WHEN successes.n_orders > 0 THEN successes.n_orders ELSE coalesce(successes.n_success_visits, 0) END AS n_successes,
    starts.is_direct
FROM journey_starts AS starts
JOIN measured ON starts.journey_id = measured.journey_id
JOIN last_visits ON starts.journey_id = last_visits.journey_id
LEFT JOIN successes ON starts.journey_id = successes.journey_id
LEFT JOIN local_days ON quarter_of(starts.started_at) = local_days.quarter_at;
