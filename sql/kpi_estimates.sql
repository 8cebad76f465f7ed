-- kpi_estimates: one row per KPI and group: value, 95 % interval, 90th percentile, counts of its mature units.
-- key: kpi, persona, period, day
-- partition: none
-- publish: no
-- reads: kpi_sums, kpi_medians, kpi_targets, periods
-- A rate has Wilson's interval on its effective number of units, a mean a normal one on its clustered error, a median
-- one by order statistics.  A mean of which people show no variance has none: how sure it is is not known.
-- is_beyond: whether even the lower limit of a median is longer than any.
WITH days AS (
    SELECT kpi, persona, day FROM kpi_sums WHERE period = 'day'
),
spans AS (
    SELECT kpi, persona, 'day' AS period, day, day AS first_on, day AS last_on FROM days
    UNION ALL
    SELECT kpi, persona, 'week', CAST(date_trunc('week', day) AS DATE), min(day), max(day)
    FROM days
    GROUP BY kpi, persona, CAST(date_trunc('week', day) AS DATE)
    UNION ALL
    SELECT days.kpi, days.persona, periods.period, CAST(NULL AS DATE), min(days.day), max(days.day)
    FROM days
    JOIN periods ON 'kpi:' || days.kpi = periods.measure AND days.day BETWEEN periods.first_on AND periods.last_on
    GROUP BY days.kpi, days.persona, periods.period
),
ratios AS (
    SELECT sums.*, targets.statistic, CAST(sums.x AS DOUBLE) / n_units AS ratio,
        clustered_error(CAST(sums.x AS DOUBLE), CAST(n_units AS DOUBLE), CAST(xx AS DOUBLE), CAST(xn AS DOUBLE), CAST(nn AS DOUBLE), CAST(n_clusters AS DOUBLE)) AS known_error
    FROM kpi_sums AS sums
    JOIN kpi_targets AS targets ON sums.kpi = targets.kpi
),
judged AS (
    SELECT *, CASE WHEN statistic = 'mean' AND known_error = 0 THEN NULL ELSE known_error END AS error FROM ratios
),
effective AS (
    SELECT *, effective_n(ratio, error, n_units) AS n_eff FROM judged
)
SELECT effective.kpi, effective.persona, effective.period, effective.day,
    CASE statistic WHEN 'median' THEN CASE WHEN median < 1e300 THEN median END ELSE ratio END AS value,
    CASE statistic WHEN 'rate' THEN wilson_low(ratio, n_eff) WHEN 'mean' THEN ratio - 1.959963984540054 * error ELSE CASE WHEN medians.low < 1e300 THEN medians.low END END AS low,
    CASE statistic WHEN 'rate' THEN wilson_high(ratio, n_eff) WHEN 'mean' THEN ratio + 1.959963984540054 * error ELSE CASE WHEN medians.high < 1e300 THEN medians.high END END AS high,
    CASE WHEN statistic <> 'median' THEN error END AS standard_error, CASE WHEN medians.p90 < 1e300 THEN medians.p90 END AS p90,
    coalesce(medians.low >= 1e300, FALSE) AS is_beyond,
    n_units, n_people, spans.first_on, spans.last_on
FROM effective
JOIN spans
    ON effective.kpi = spans.kpi AND effective.persona = spans.persona AND effective.period = spans.period
    AND effective.day IS NOT DISTINCT FROM spans.day
LEFT JOIN kpi_medians AS medians
    ON effective.kpi = medians.kpi AND effective.persona = medians.persona AND effective.period = medians.period
    AND effective.day IS NOT DISTINCT FROM medians.day;
