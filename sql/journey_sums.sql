-- journey_sums: one row per journey definition, persona and period: how its journeys ended, summed over people.
-- key: journey, persona, period
-- partition: sum
-- publish: work
-- reads: journey_periods
-- xx, xn, nn: sums over people of squares and products of x successes and n mature journeys; see clustered_error.
WITH clusters AS (
    SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, cluster, min(person_id) AS person_id,
        count(CASE WHEN is_mature THEN 1 END) AS n, count(CASE WHEN outcome = 'succeeded' THEN 1 END) AS x,
        count(CASE WHEN outcome = 'dropped' THEN 1 END) AS n_dropped, count(CASE WHEN outcome = 'active' THEN 1 END) AS n_active,
        count(CASE WHEN outcome = 'open' THEN 1 END) AS n_open, count(CASE WHEN is_mature AND is_direct THEN 1 END) AS n_direct
    FROM journey_periods
    GROUP BY GROUPING SETS ((journey, period, cluster, persona), (journey, period, cluster))
)
SELECT journey, persona, period,
    CAST(sum(n) AS BIGINT) AS n_journeys, count(CASE WHEN n > 0 THEN person_id END) AS n_people, CAST(sum(x) AS BIGINT) AS n_succeeded,
    CAST(sum(n_dropped) AS BIGINT) AS n_dropped, CAST(sum(n_active) AS BIGINT) AS n_active, CAST(sum(n_open) AS BIGINT) AS n_open,
    CAST(sum(n_direct) AS BIGINT) AS n_direct, CAST(sum(x * x) AS BIGINT) AS xx, CAST(sum(x * n) AS BIGINT) AS xn,
    CAST(sum(n * n) AS BIGINT) AS nn, count(CASE WHEN n > 0 THEN 1 END) AS n_clusters
FROM clusters
GROUP BY journey, persona, period;
