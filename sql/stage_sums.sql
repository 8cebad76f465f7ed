-- stage_sums: one row per stage, persona and period: journeys that visit it and how they end, summed over people.
-- key: journey, stage, persona, period
-- partition: sum
-- publish: work
-- reads: stage_visits, journey_periods
-- xx, xn, nn, nt: sums over people of squares and products of x journeys dropped there, n mature journeys that visit it, and
-- all t mature journeys of theirs; see clustered_error.
WITH totals AS (
    SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, cluster,
        count(CASE WHEN is_mature THEN 1 END) AS t
    FROM journey_periods
    GROUP BY GROUPING SETS ((journey, period, cluster, persona), (journey, period, cluster))
),
stays AS (
    SELECT journey_id, stage, count(*) AS n_visits FROM stage_visits GROUP BY journey_id, stage
),
clusters AS (
    SELECT groups.journey, stays.stage, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period, groups.cluster, min(groups.person_id) AS person_id,
        count(CASE WHEN is_mature THEN 1 END) AS n,
        count(CASE WHEN outcome = 'dropped' AND last_stage = stays.stage THEN 1 END) AS x,
        count(CASE WHEN outcome = 'succeeded' THEN 1 END) AS n_succeeded,
        count(CASE WHEN NOT is_mature THEN 1 END) AS n_open, sum(CASE WHEN is_mature THEN n_visits ELSE 0 END) AS n_visits
    FROM stays
    JOIN journey_periods AS groups ON stays.journey_id = groups.journey_id
    GROUP BY GROUPING SETS (
        (groups.journey, stays.stage, groups.period, groups.cluster, groups.persona), (groups.journey, stays.stage, groups.period, groups.cluster))
)
SELECT clusters.journey, clusters.stage, clusters.persona, clusters.period,
    CAST(sum(n) AS BIGINT) AS n_journeys, count(CASE WHEN n > 0 THEN person_id END) AS n_people, CAST(sum(x) AS BIGINT) AS n_dropped,
    CAST(sum(n_succeeded) AS BIGINT) AS n_succeeded, CAST(sum(n_visits) AS BIGINT) AS n_visits, CAST(sum(n_open) AS BIGINT) AS n_open_journeys,
    CAST(sum(x * x) AS BIGINT) AS xx, CAST(sum(x * n) AS BIGINT) AS xn, CAST(sum(n * n) AS BIGINT) AS nn,
    CAST(sum(n * t) AS BIGINT) AS nt, count(CASE WHEN n > 0 THEN 1 END) AS n_clusters
FROM clusters
JOIN totals
    ON clusters.journey = totals.journey AND clusters.persona = totals.persona AND clusters.period = totals.period
    AND clusters.cluster = totals.cluster
GROUP BY clusters.journey, clusters.stage, clusters.persona, clusters.period;
