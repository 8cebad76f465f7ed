-- kpi_daily: one row per KPI, local day and persona: the value of the mature units entered that day.
-- key: kpi, day, persona
-- partition: none
-- reads: kpi_estimates, periods, frozen_kpis, kpi_targets, personas
-- A frozen day is told as it was published before its events expired, and is not computed again from what is left.
WITH frozen_days AS (
    SELECT DISTINCT kpi, day FROM frozen_kpis
)
SELECT estimates.kpi, estimates.day, estimates.persona, estimates.value, estimates.low, estimates.high, estimates.n_units, estimates.n_people,
    estimates.day <= periods.closed_on AS is_closed, FALSE AS is_frozen
FROM kpi_estimates AS estimates
JOIN periods ON 'kpi:' || estimates.kpi = periods.measure AND periods.period = 'all'
LEFT JOIN frozen_days ON estimates.kpi = frozen_days.kpi AND estimates.day = frozen_days.day
WHERE estimates.period = 'day' AND frozen_days.day IS NULL
UNION ALL
SELECT frozen.kpi, frozen.day, frozen.persona, frozen.value, frozen.low, frozen.high, frozen.n_units, frozen.n_people, TRUE, TRUE
FROM frozen_kpis AS frozen
JOIN kpi_targets AS targets ON frozen.kpi = targets.kpi
JOIN personas ON frozen.persona = personas.persona;
