-- conversion_rate: one row per journey of the definition that the KPI names.
-- key: unit_id
-- partition: journey
-- publish: no
-- reads: journeys, journey_definitions, kpi_targets
-- title: Conversion
-- statistic: rate
-- unit: share
-- direction: higher
-- roles:
-- Converted: the journey succeeds within its window.
SELECT journeys.journey_id AS unit_id, journeys.person_id, journeys.subject_id, journeys.started_at AS entered_at, journeys.persona,
    CASE WHEN journeys.first_success_at <= plus_seconds(journeys.started_at, definitions.window_seconds) THEN 1 ELSE 0 END AS value,
    plus_seconds(journeys.started_at, definitions.window_seconds) AS matures_at
FROM journeys
JOIN journey_definitions AS definitions ON journeys.journey = definitions.journey
JOIN kpi_targets AS targets ON targets.kpi = 'conversion_rate' AND journeys.journey = targets.journey;
