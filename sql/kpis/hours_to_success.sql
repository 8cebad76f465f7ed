-- hours_to_success: one row per journey of the definition that the KPI names, if it succeeded within its window.
-- key: unit_id
-- partition: journey
-- publish: no
-- reads: journeys, journey_definitions, kpi_targets
-- title: Time to success
-- statistic: median
-- unit: hours
-- direction: lower
-- roles:
-- Hours from the journey's first step to its first success.
SELECT journeys.journey_id AS unit_id, journeys.person_id, journeys.subject_id, journeys.started_at AS entered_at, journeys.persona,
    secs_between(journeys.started_at, journeys.first_success_at) / 3600.0 AS value,
    plus_seconds(journeys.started_at, definitions.window_seconds) AS matures_at
FROM journeys
JOIN journey_definitions AS definitions ON journeys.journey = definitions.journey
JOIN kpi_targets AS targets ON targets.kpi = 'hours_to_success' AND journeys.journey = targets.journey
WHERE journeys.first_success_at <= plus_seconds(journeys.started_at, definitions.window_seconds);
