-- journey_outcomes: one row per journey, with what has become of it as of the instant its sources are complete to.
-- key: journey_id
-- partition: as_of
-- reads: journeys, journey_definitions
-- Mature: its window is over.  A mature journey succeeded within the window, or was dropped (silent for longer than
-- the gap), or is still active.  An immature one is open, whatever it has reached: it is shown beside rates, never in.
WITH judged AS (
    SELECT journeys.*, definitions.as_of, definitions.gap_seconds,
        coalesce(plus_seconds(journeys.started_at, definitions.window_seconds) <= definitions.as_of, FALSE) AS is_mature,
        CASE WHEN journeys.first_success_at <= plus_seconds(journeys.started_at, definitions.window_seconds)
            THEN journeys.first_success_at END AS succeeded_at
    FROM journeys
    JOIN journey_definitions AS definitions ON journeys.journey = definitions.journey
)
SELECT journey, journey_id, person_id, persona, started_at, started_on, is_mature,
    CASE
        WHEN NOT is_mature THEN 'open'
        WHEN succeeded_at IS NOT NULL THEN 'succeeded'
        WHEN plus_seconds(last_step_at, gap_seconds) >= as_of THEN 'active'
        ELSE 'dropped'
    END AS outcome,
    last_stage, is_direct, succeeded_at, secs_between(started_at, succeeded_at) AS seconds_to_success
FROM judged;
