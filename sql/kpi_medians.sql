-- kpi_medians: one row per KPI measured by its median, persona, and day, week or period: median, 95 % interval, 90th percentile.
-- key: kpi, persona, period, day
-- partition: none
-- publish: no
-- reads: kpi_units, kpi_targets, periods
-- By order statistics; a unit without a value counts as longer than any.
WITH mature AS (
    SELECT units.kpi, units.persona, units.entered_on, units.unit_id, coalesce(units.value, CAST('Infinity' AS DOUBLE)) AS value
    FROM kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi AND targets.statistic = 'median'
    WHERE units.matures_at IS NULL OR units.matures_at <= targets.as_of
),
dated AS (
    SELECT mature.*, 'day' AS period, entered_on AS day FROM mature
    UNION ALL
    SELECT mature.*, 'week', CAST(date_trunc('week', entered_on) AS DATE) FROM mature
    UNION ALL
    SELECT mature.*, periods.period, CAST(NULL AS DATE)
    FROM mature
    JOIN periods ON 'kpi:' || mature.kpi = periods.measure AND mature.entered_on BETWEEN periods.first_on AND periods.last_on
),
grouped AS (
    SELECT kpi, persona, period, day, unit_id, value FROM dated
    UNION ALL
    SELECT kpi, '(all)', period, day, unit_id, value FROM dated
),
ranked AS (
    SELECT kpi, persona, period, day, value,
        row_number() OVER (PARTITION BY kpi, persona, period, day ORDER BY value, unit_id) AS place,
        count(*) OVER (PARTITION BY kpi, persona, period, day) AS n
    FROM grouped
)
SELECT kpi, persona, period, day,
    (max(CASE WHEN place = (n + 1) // 2 THEN value END) + max(CASE WHEN place = n // 2 + 1 THEN value END)) / 2 AS median,
    max(CASE WHEN place = CAST(floor((n - 1.959963984540054 * sqrt(n)) / 2) AS BIGINT) THEN value END) AS low,
    max(CASE WHEN place = n + 1 - CAST(floor((n - 1.959963984540054 * sqrt(n)) / 2) AS BIGINT) THEN value END) AS high,
    max(CASE WHEN place = CAST(ceil(0.9 * n) AS BIGINT) THEN value END) AS p90
FROM ranked
GROUP BY kpi, persona, period, day;
