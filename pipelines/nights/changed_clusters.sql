-- changed_clusters: people (or units of nobody) of whom something else is counted in a measure than before.
WITH touched AS (
    SELECT journey, person_id, journey_id FROM previous.main.journeys WHERE journey_id IN (SELECT journey_id FROM touched_journeys)
    UNION ALL
    SELECT journey, person_id, journey_id FROM scratch.by_journey.journeys
    UNION ALL
    SELECT now.journey, now.person_id, now.journey_id
    FROM scratch.by_outcome.journey_outcomes AS now
    JOIN previous.main.journey_outcomes AS before ON now.journey_id = before.journey_id
    WHERE now.outcome <> before.outcome
),
units AS (
    SELECT kpi, person_id, unit_id FROM gone_units
    UNION ALL
    SELECT kpi, person_id, unit_id FROM come_units
    UNION ALL
    SELECT units.kpi, units.person_id, units.unit_id
    FROM journeys.main.kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi
    JOIN previous.main.kpi_targets AS before ON units.kpi = before.kpi
    WHERE (units.matures_at <= targets.as_of) IS DISTINCT FROM (units.matures_at <= before.as_of)
),
moved_days AS (
    -- Days that a period holds now and did not before, or the other way round.
    SELECT DISTINCT days.day, now.measure
    FROM (SELECT DISTINCT local_on AS day FROM local_days) AS days
    CROSS JOIN journeys.work.periods AS now
    JOIN previous.work.periods AS before ON now.measure = before.measure AND now.period = before.period
    WHERE (days.day BETWEEN now.first_on AND now.last_on) IS DISTINCT FROM (days.day BETWEEN before.first_on AND before.last_on)
)
SELECT 'journey:' || journey AS measure, coalesce(person_id, journey_id) AS cluster FROM touched
UNION
SELECT 'kpi:' || kpi, coalesce(person_id, unit_id) FROM units
UNION
SELECT moved_days.measure, coalesce(outcomes.person_id, outcomes.journey_id)
FROM moved_days
JOIN journeys.main.journey_outcomes AS outcomes ON moved_days.measure = 'journey:' || outcomes.journey AND moved_days.day = outcomes.started_on
UNION
SELECT moved_days.measure, coalesce(units.person_id, units.unit_id)
FROM moved_days
JOIN journeys.main.kpi_units AS units ON moved_days.measure = 'kpi:' || units.kpi AND moved_days.day = units.entered_on;
