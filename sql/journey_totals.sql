-- journey_totals: one row per journey definition, persona and period: how many there were and how they ended.
-- key: journey, persona, period
-- partition: none
-- reads: journey_periods
WITH clusters AS (
    SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, cluster, min(person_id) AS person_id,
        count(CASE WHEN is_mature THEN 1 END) AS n, count(CASE WHEN outcome = 'succeeded' THEN 1 END) AS x,
        count(CASE WHEN outcome = 'dropped' THEN 1 END) AS n_dropped, count(CASE WHEN outcome = 'active' THEN 1 END) AS n_active,
        count(CASE WHEN outcome = 'open' THEN 1 END) AS n_open, count(CASE WHEN is_mature AND is_direct THEN 1 END) AS n_direct,
        min(CASE WHEN is_mature THEN started_on END) AS first_on, max(CASE WHEN is_mature THEN started_on END) AS last_on
    FROM journey_periods
    GROUP BY GROUPING SETS ((journey, period, cluster, persona), (journey, period, cluster))
),
sums AS (
    SELECT journey, persona, period,
        CAST(sum(n) AS BIGINT) AS n_journeys, count(CASE WHEN n > 0 THEN person_id END) AS n_people, CAST(sum(x) AS BIGINT) AS n_succeeded,
        CAST(sum(n_dropped) AS BIGINT) AS n_dropped, CAST(sum(n_active) AS BIGINT) AS n_active, CAST(sum(n_open) AS BIGINT) AS n_open,
        CAST(sum(n_direct) AS BIGINT) AS n_direct, min(first_on) AS first_on, max(last_on) AS last_on,
        CAST(sum(x * x) AS DOUBLE) AS xx, CAST(sum(x * n) AS DOUBLE) AS xn, CAST(sum(n * n) AS DOUBLE) AS nn, count(CASE WHEN n > 0 THEN 1 END) AS n_clusters
    FROM clusters
    GROUP BY journey, persona, period
),
errors AS (
    SELECT *, CAST(n_succeeded AS DOUBLE) / nullif(n_journeys, 0) AS conversion_rate,
        clustered_error(CAST(n_succeeded AS DOUBLE), CAST(n_journeys AS DOUBLE), xx, xn, nn, CAST(n_clusters AS DOUBLE)) AS conversion_error
    FROM sums
),
effective AS (
    SELECT *, effective_n(conversion_rate, conversion_error, n_journeys) AS n_eff FROM errors
)
SELECT journey, persona, period, n_journeys, n_people, n_succeeded, n_dropped, n_active, n_open, n_direct,
    conversion_rate, wilson_low(conversion_rate, n_eff) AS conversion_low, wilson_high(conversion_rate, n_eff) AS conversion_high, first_on, last_on
FROM effective;
