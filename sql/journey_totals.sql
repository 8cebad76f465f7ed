-- journey_totals: one row per journey definition, persona and period: how many there were and how they ended.
-- key: journey, persona, period
-- partition: none
-- reads: journey_sums, journey_outcomes, periods
WITH days AS (
    SELECT journey, persona, started_on FROM journey_outcomes WHERE is_mature GROUP BY journey, persona, started_on
),
spans AS (
    SELECT days.journey, CASE WHEN grouping(days.persona) = 1 THEN '(all)' ELSE days.persona END AS persona, periods.period,
        min(days.started_on) AS first_on, max(days.started_on) AS last_on
    FROM days
    JOIN periods ON 'journey:' || days.journey = periods.measure AND days.started_on BETWEEN periods.first_on AND periods.last_on
    GROUP BY GROUPING SETS ((days.journey, periods.period, days.persona), (days.journey, periods.period))
),
errors AS (
    SELECT *, CAST(n_succeeded AS DOUBLE) / nullif(n_journeys, 0) AS conversion_rate,
        clustered_error(CAST(n_succeeded AS DOUBLE), CAST(n_journeys AS DOUBLE), CAST(xx AS DOUBLE), CAST(xn AS DOUBLE), CAST(nn AS DOUBLE), CAST(n_clusters AS DOUBLE)) AS conversion_error
    FROM journey_sums
),
effective AS (
    SELECT *, effective_n(conversion_rate, conversion_error, n_journeys) AS n_eff FROM errors
)
SELECT effective.journey, effective.persona, effective.period, n_journeys, n_people, n_succeeded, n_dropped, n_active, n_open, n_direct,
    conversion_rate, wilson_low(conversion_rate, n_eff) AS conversion_low, wilson_high(conversion_rate, n_eff) AS conversion_high, first_on, last_on
FROM effective
LEFT JOIN spans ON effective.journey = spans.journey AND effective.persona = spans.persona AND effective.period = spans.period;
