-- unsettled_journeys: journeys that may have become something else: those made anew, and those that as-of finds open or active, now or before.
SELECT journey_id FROM touched_journeys
UNION
SELECT journey_id FROM scratch.by_journey.journeys
UNION
SELECT journeys.journey_id
FROM journeys.main.journeys
JOIN journey_definitions AS definitions ON journeys.journey = definitions.journey
JOIN previous.main.journey_definitions AS before ON journeys.journey = before.journey
WHERE definitions.as_of IS NULL OR before.as_of IS NULL
    OR plus_seconds(journeys.started_at, definitions.window_seconds) > least(definitions.as_of, before.as_of)
    OR plus_seconds(journeys.last_step_at, definitions.gap_seconds) >= least(definitions.as_of, before.as_of);
