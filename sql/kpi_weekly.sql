-- kpi_weekly: one row per KPI, week (its Monday) and persona: the value of the mature units entered that week.
-- key: kpi, week_on, persona
-- partition: none
-- reads: kpi_estimates, periods
-- A week is closed when its Sunday is; where days hold too few people to be shown, weeks may not.
SELECT estimates.kpi, estimates.day AS week_on, estimates.persona, estimates.value, estimates.low, estimates.high, estimates.n_units,
    estimates.n_people, plus_days(estimates.day, 6) <= periods.closed_on AS is_closed
FROM kpi_estimates AS estimates
JOIN periods ON 'kpi:' || estimates.kpi = periods.measure AND periods.period = 'all'
WHERE estimates.period = 'week';
