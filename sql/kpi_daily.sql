-- kpi_daily: one row per KPI, local day and persona: the value of the mature units entered that day.
-- key: kpi, day, persona
-- partition: none
-- reads: kpi_estimates, periods
SELECT estimates.kpi, estimates.day, estimates.persona, estimates.value, estimates.low, estimates.high, estimates.n_units, estimates.n_people,
    estimates.day <= periods.closed_on AS is_closed
FROM kpi_estimates AS estimates
JOIN periods ON 'kpi:' || estimates.kpi = periods.measure AND periods.period = 'all'
WHERE estimates.period = 'day';
