-- journey_starts: one row per journey: how it begins, whose it is, and what persona the person showed then.
-- key: journey_id
-- partition: journey
-- publish: no
-- reads: first_steps, sessions
-- Where a journey begins outside any session, its persona is that of the person's latest session by then.
WITH outside AS (
    SELECT journey_id, person_id, occurred_at FROM first_steps WHERE session_id IS NULL AND person_id IS NOT NULL
),
moments AS (
    SELECT journey_id AS unit_id, person_id, occurred_at AS at_time, CAST(NULL AS VARCHAR) AS persona, 1 AS is_unit FROM outside
    UNION ALL
    SELECT session_id, person_id, started_at, persona, 0
    FROM sessions
    WHERE person_id IN (SELECT person_id FROM outside)
),
latest AS (
    SELECT unit_id, is_unit, last_value(persona IGNORE NULLS) OVER (
        PARTITION BY person_id ORDER BY at_time, is_unit, unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS persona
    FROM moments
)
SELECT first_steps.journey, first_steps.journey_id, first_steps.subject_id, first_steps.person_id,
    coalesce(sessions.persona, latest.persona, 'other') AS persona, first_steps.occurred_at AS started_at, first_steps.stage AS first_stage,
    first_steps.touchpoint AS first_touchpoint, first_steps.channel AS first_channel, first_steps.is_success AS is_direct
FROM first_steps
LEFT JOIN sessions ON first_steps.session_id = sessions.session_id
LEFT JOIN latest ON first_steps.journey_id = latest.unit_id AND latest.is_unit = 1;
