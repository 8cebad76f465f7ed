-- conversion_rate: one row per journey of the definition that the KPI names.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: journey_outcomes, kpi_targets
-- title: Conversion
-- statistic: rate
-- unit: share
-- direction: higher
-- roles:
-- Converted: the journey succeeds within its window.
SELECT outcomes.journey_id AS unit_id, outcomes.person_id, outcomes.journey_id AS subject_id, outcomes.started_at AS entered_at,
    CASE WHEN outcomes.succeeded_at IS NOT NULL THEN 1 ELSE 0 END AS value, outcomes.is_mature
FROM journey_outcomes AS outcomes
JOIN kpi_targets AS targets ON targets.kpi = 'conversion_rate' AND outcomes.journey = targets.journey;
