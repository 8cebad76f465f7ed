-- kpi_groups: one row per unit and group that it counts in: its persona and (all), its day, its week and each period.
-- key: kpi, unit_id, persona, period, day
-- partition: none
-- publish: no
-- reads: kpi_units, periods
WITH dated AS (
    SELECT units.*, periods.period, CAST(NULL AS DATE) AS day
    FROM kpi_units AS units
    JOIN periods ON 'kpi:' || units.kpi = periods.measure AND units.entered_on BETWEEN periods.first_on AND periods.last_on
    UNION ALL
    SELECT units.*, 'day', units.entered_on
    FROM kpi_units AS units
    UNION ALL
    SELECT units.*, 'week', CAST(date_trunc('week', units.entered_on) AS DATE)
    FROM kpi_units AS units
),
clustered AS (
    SELECT kpi, unit_id, persona, period, day, entered_on, person_id, coalesce(person_id, unit_id) AS cluster, value, is_mature FROM dated
)
SELECT * FROM clustered
UNION ALL
SELECT kpi, unit_id, '(all)', period, day, entered_on, person_id, cluster, value, is_mature FROM clustered;
