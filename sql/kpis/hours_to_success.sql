-- hours_to_success: one row per journey of the definition that the KPI names, if it succeeded within its window.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: journey_outcomes, kpi_targets
-- title: Time to success
-- statistic: median
-- unit: hours
-- direction: lower
-- roles:
-- Hours from the journey's first step to its first success.
SELECT outcomes.journey_id AS unit_id, outcomes.person_id, outcomes.journey_id AS subject_id, outcomes.started_at AS entered_at,
    outcomes.seconds_to_success / 3600.0 AS value, outcomes.is_mature
FROM journey_outcomes AS outcomes
JOIN kpi_targets AS targets ON targets.kpi = 'hours_to_success' AND outcomes.journey = targets.journey
WHERE outcomes.succeeded_at IS NOT NULL;
