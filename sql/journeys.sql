-- journeys: one row per journey: whose, from when to when, through how much, how often successful.
-- key: journey_id
-- partition: journey
-- reads: journey_steps, stage_visits, sessions, local_days
-- Success marks a journey and does not end it.  Successes are counted by their order ids; where there are none, by
-- the visits to the success stage.
WITH measured AS (
    SELECT journey, journey_id, min(subject_id) AS subject_id, min(occurred_at) AS started_at, max(occurred_at) AS last_step_at,
        count(*) AS n_steps, max(visit_number) AS n_visits,
        min(CASE WHEN is_success THEN occurred_at END) AS first_success_at,
        min(CASE WHEN person_id IS NOT NULL THEN step_number END) AS first_known_step
    FROM journey_steps
    GROUP BY journey, journey_id
),
successes AS (
    SELECT journey_id, count(DISTINCT order_key) AS n_orders, count(DISTINCT visit_number) AS n_success_visits
    FROM journey_steps
    WHERE is_success
    GROUP BY journey_id
),
first_steps AS (
    SELECT journey_id, person_id, stage, touchpoint, channel, session_id, is_success
    FROM journey_steps
    WHERE step_number = 1
),
last_visits AS (
    SELECT journey_id, stage FROM stage_visits WHERE next_stage IS NULL
),
later_people AS (
    -- A ticket or an order may be touched by several people; its journey is that of the first one known.
    SELECT journey_steps.journey_id, journey_steps.person_id
    FROM measured
    JOIN journey_steps ON measured.journey_id = journey_steps.journey_id AND measured.first_known_step = journey_steps.step_number
    WHERE measured.first_known_step > 1
),
begun AS (
    SELECT measured.*, coalesce(first_steps.person_id, later_people.person_id) AS person_id, first_steps.stage AS first_stage,
        first_steps.touchpoint AS first_touchpoint, first_steps.channel AS first_channel, first_steps.session_id, first_steps.is_success AS is_direct
    FROM measured
    JOIN first_steps ON measured.journey_id = first_steps.journey_id
    LEFT JOIN later_people ON measured.journey_id = later_people.journey_id
),
begun_outside AS (
    SELECT person_id, started_at, journey_id FROM begun WHERE session_id IS NULL AND person_id IS NOT NULL
),
moments AS (
    SELECT person_id, started_at AS at_time, 0 AS is_unit, session_id AS unit_id, persona
    FROM sessions
    WHERE person_id IN (SELECT person_id FROM begun_outside)
    UNION ALL
    SELECT person_id, started_at, 1, journey_id, NULL FROM begun_outside
),
latest AS (
    -- Where a journey begins outside any session, its persona is that of the person's latest session by then.
    SELECT unit_id, is_unit, last_value(persona IGNORE NULLS) OVER (
        PARTITION BY person_id ORDER BY at_time, is_unit, unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS persona
    FROM moments
)
SELECT begun.journey, begun.journey_id, begun.subject_id, begun.person_id, coalesce(sessions.persona, latest.persona, 'other') AS persona,
    begun.started_at, local_days.local_on AS started_on, begun.last_step_at, begun.n_steps, begun.n_visits,
    begun.first_stage, last_visits.stage AS last_stage, begun.first_touchpoint, begun.first_channel, begun.first_success_at,
    CASE WHEN successes.n_orders > 0 THEN successes.n_orders ELSE coalesce(successes.n_success_visits, 0) END AS n_successes,
    begun.is_direct
FROM begun
JOIN last_visits ON begun.journey_id = last_visits.journey_id
LEFT JOIN successes ON begun.journey_id = successes.journey_id
LEFT JOIN sessions ON begun.session_id = sessions.session_id
LEFT JOIN latest ON begun.journey_id = latest.unit_id AND latest.is_unit = 1
LEFT JOIN local_days ON quarter_of(begun.started_at) = local_days.quarter_at;
