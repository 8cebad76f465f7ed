-- Every rate of the map in one shape: the drop-off of each stage before success, and each KPI that has a direction.
-- reads: stage_dropoff, stages, kpi_status, kpi_targets, personas
SELECT 'dropoff' AS kind, dropoff.journey, dropoff.stage, CAST(NULL AS VARCHAR) AS kpi, dropoff.persona, dropoff.period,
    'Leaving at ' || stages.label AS label, 'rate' AS statistic, 'share' AS unit, 'lower' AS direction, TRUE AS is_missed,
    dropoff.dropoff_rate AS value, dropoff.dropoff_low AS low, dropoff.dropoff_high AS high,
    -- Where the error is 0 or unknown (a share of 0 or 1, a median), the interval is as wide as a normal one of this error.
    coalesce(nullif(dropoff.dropoff_error, 0), (dropoff.dropoff_high - dropoff.dropoff_low) / 3.919927969080108) AS error,
    dropoff.n_journeys AS n_units, dropoff.n_people, personas.label AS persona_label
FROM stage_dropoff AS dropoff
JOIN stages ON dropoff.journey = stages.journey AND dropoff.stage = stages.stage
JOIN journey_definitions AS definitions ON stages.journey = definitions.journey AND stages.position < definitions.success_position
JOIN personas ON dropoff.persona = personas.persona
UNION ALL
SELECT 'kpi', targets.journey, targets.stage, status.kpi, status.persona, status.period,
    targets.label, targets.statistic, targets.unit, targets.direction, status.status = 'missed',
    status.value, status.low, status.high,
    coalesce(nullif(status.standard_error, 0), nullif(status.high - status.low, 0) / 3.919927969080108),
    status.n_units, status.n_people, personas.label
FROM kpi_status AS status
JOIN kpi_targets AS targets ON status.kpi = targets.kpi
JOIN personas ON status.persona = personas.persona
WHERE status.value IS NOT NULL
ORDER BY kind, journey, stage, kpi, persona, period;
