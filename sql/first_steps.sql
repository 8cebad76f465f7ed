-- first_steps: one row per journey: its first step, and the person whose journey it is.
-- key: journey_id
-- partition: journey
-- publish: no
-- reads: journey_steps
-- A ticket or an order may be touched by several people; its journey is that of the first one known.
WITH begun AS (
    SELECT journey, journey_id, subject_id, person_id, occurred_at, stage, touchpoint, channel, session_id, is_success
    FROM journey_steps
    WHERE step_number = 1
),
known_later AS (
    SELECT journey_id, person_id, row_number() OVER (PARTITION BY journey_id ORDER BY step_number) AS place
    FROM journey_steps
    WHERE person_id IS NOT NULL AND journey_id IN (SELECT journey_id FROM begun WHERE person_id IS NULL)
)
SELECT begun.journey, begun.journey_id, begun.subject_id, coalesce(begun.person_id, known_later.person_id) AS person_id,
    begun.occurred_at, begun.stage, begun.touchpoint, begun.channel, begun.session_id, begun.is_success
FROM begun
LEFT JOIN known_later ON begun.journey_id = known_later.journey_id AND known_later.place = 1;
