-- kpi_status: one row per KPI, persona and period: value, interval and counts, against the target.
-- key: kpi, persona, period
-- partition: none
-- reads: kpi_targets, kpi_units, kpi_estimates, personas
-- A KPI whose roles no touchpoint plays, or without a mature unit, is not measured; it is never 0.
WITH cells AS (
    SELECT targets.kpi, personas.persona, chosen.period
    FROM kpi_targets AS targets
    CROSS JOIN personas
    CROSS JOIN (SELECT 'current' AS period UNION ALL SELECT 'previous' UNION ALL SELECT 'all') AS chosen
),
waiting AS (
    SELECT units.kpi, CASE WHEN grouping(units.persona) = 1 THEN '(all)' ELSE units.persona END AS persona, count(*) AS n_immature
    FROM kpi_units AS units
    JOIN kpi_targets AS targets ON units.kpi = targets.kpi
    WHERE units.matures_at > targets.as_of
    GROUP BY GROUPING SETS ((units.kpi, units.persona), (units.kpi))
)
SELECT cells.kpi, cells.persona, cells.period, estimates.value, estimates.low, estimates.high, estimates.standard_error, estimates.p90,
    coalesce(estimates.n_units, 0) AS n_units, coalesce(estimates.n_people, 0) AS n_people, coalesce(waiting.n_immature, 0) AS n_immature,
    targets.target, targets.direction,
    CASE
        WHEN estimates.kpi IS NULL THEN 'not measured'
        WHEN targets.target IS NULL THEN 'no target'
        -- A median without a value is longer than any.
        WHEN estimates.value IS NULL AND targets.direction = 'lower' THEN 'missed'
        WHEN estimates.value IS NULL THEN 'met'
        WHEN targets.direction = 'higher' AND estimates.value >= targets.target THEN 'met'
        WHEN targets.direction = 'lower' AND estimates.value <= targets.target THEN 'met'
        ELSE 'missed'
    END AS status,
    coalesce(estimates.is_beyond OR estimates.low > targets.target OR estimates.high < targets.target, FALSE) AND targets.target IS NOT NULL AS is_certain,
    estimates.first_on, estimates.last_on
FROM cells
JOIN kpi_targets AS targets ON cells.kpi = targets.kpi
LEFT JOIN kpi_estimates AS estimates ON cells.kpi = estimates.kpi AND cells.persona = estimates.persona AND cells.period = estimates.period
LEFT JOIN waiting ON cells.kpi = waiting.kpi AND cells.persona = waiting.persona;
