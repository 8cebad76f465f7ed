-- kpi_estimates: one row per KPI and group: value, 95 % interval, 90th percentile, counts of its mature units.
-- key: kpi, persona, period, day
-- partition: none
-- publish: no
-- reads: kpi_clusters, kpi_medians, kpi_targets
-- A rate has Wilson's interval on its effective number of units, a mean a normal one on its clustered error, a median
-- one by order statistics.
WITH sums AS (
    SELECT kpi, persona, period, day, CAST(sum(n) AS BIGINT) AS n_units, count(person_id) AS n_people, CAST(sum(x) AS DOUBLE) AS x,
        CAST(sum(x * x) AS DOUBLE) AS xx, CAST(sum(x * n) AS DOUBLE) AS xn, CAST(sum(n * n) AS DOUBLE) AS nn, count(*) AS n_clusters,
        min(first_on) AS first_on, max(last_on) AS last_on
    FROM kpi_clusters
    GROUP BY kpi, persona, period, day
),
ratios AS (
    SELECT sums.*, targets.statistic, sums.x / n_units AS ratio,
        clustered_error(sums.x, CAST(n_units AS DOUBLE), xx, xn, nn, CAST(n_clusters AS DOUBLE)) AS error
    FROM sums
    JOIN kpi_targets AS targets ON sums.kpi = targets.kpi
),
effective AS (
    SELECT *, effective_n(ratio, error, n_units) AS n_eff FROM ratios
)
SELECT effective.kpi, effective.persona, effective.period, effective.day,
    CASE statistic WHEN 'median' THEN CASE WHEN median < 1e300 THEN median END ELSE ratio END AS value,
    CASE statistic WHEN 'rate' THEN wilson_low(ratio, n_eff) WHEN 'mean' THEN ratio - 1.959963984540054 * error ELSE CASE WHEN medians.low < 1e300 THEN medians.low END END AS low,
    CASE statistic WHEN 'rate' THEN wilson_high(ratio, n_eff) WHEN 'mean' THEN ratio + 1.959963984540054 * error ELSE CASE WHEN medians.high < 1e300 THEN medians.high END END AS high,
    CASE WHEN statistic <> 'median' THEN error END AS standard_error, CASE WHEN medians.p90 < 1e300 THEN medians.p90 END AS p90,
    n_units, n_people, first_on, last_on
FROM effective
LEFT JOIN kpi_medians AS medians
    ON effective.kpi = medians.kpi AND effective.persona = medians.persona AND effective.period = medians.period
    AND effective.day IS NOT DISTINCT FROM medians.day;
