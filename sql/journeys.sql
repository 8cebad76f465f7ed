-- journeys: one row per journey: whose, from when to when, through how much, how often successful.
-- key: journey_id
-- partition: journey
-- reads: journey_steps, sessions, local_days
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
    SELECT journey_id, stage, touchpoint, channel, session_id, is_success
    FROM journey_steps
    WHERE step_number = 1
),
last_steps AS (
    SELECT journey_steps.journey_id, journey_steps.stage
    FROM journey_steps
    JOIN measured ON journey_steps.journey_id = measured.journey_id AND journey_steps.step_number = measured.n_steps
),
first_people AS (
    -- A ticket or an order may be touched by several people; its journey is that of the first one known.
    SELECT journey_steps.journey_id, journey_steps.person_id
    FROM journey_steps
    JOIN measured ON journey_steps.journey_id = measured.journey_id AND journey_steps.step_number = measured.first_known_step
),
begun_outside AS (
    SELECT first_people.person_id, measured.started_at, measured.journey_id
    FROM measured
    JOIN first_people ON measured.journey_id = first_people.journey_id
    JOIN first_steps ON measured.journey_id = first_steps.journey_id
    WHERE first_steps.session_id IS NULL
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
SELECT measured.journey, measured.journey_id, measured.subject_id, first_people.person_id, coalesce(sessions.persona, latest.persona, 'other') AS persona,
    measured.started_at, local_days.local_on AS started_on, measured.last_step_at, measured.n_steps, measured.n_visits,
    first_steps.stage AS first_stage, last_steps.stage AS last_stage, first_steps.touchpoint AS first_touchpoint,
    first_steps.channel AS first_channel, measured.first_success_at,
    CASE WHEN successes.n_orders > 0 THEN successes.n_orders ELSE coalesce(successes.n_success_visits, 0) END AS n_successes,
    first_steps.is_success AS is_direct
FROM measured
JOIN first_steps ON measured.journey_id = first_steps.journey_id
JOIN last_steps ON measured.journey_id = last_steps.journey_id
LEFT JOIN successes ON measured.journey_id = successes.journey_id
LEFT JOIN first_people ON measured.journey_id = first_people.journey_id
LEFT JOIN sessions ON first_steps.session_id = sessions.session_id
LEFT JOIN latest ON measured.journey_id = latest.unit_id AND latest.is_unit = 1
LEFT JOIN local_days ON quarter_of(measured.started_at) = local_days.quarter_at;
