-- touchpoint_sums: one row per stage, touchpoint, channel, persona and period: mature journeys that touch it there, summed over people.
-- key: journey, stage, touchpoint, channel, persona, period
-- partition: sum
-- publish: work
-- reads: journey_steps, stage_visits, journey_periods
-- xx, xn: sums over people of squares and products of x journeys that touch it and n that visit the stage; see clustered_error.
WITH touched AS (
    SELECT journey_id, stage, touchpoint, coalesce(channel, '') AS channel, count(*) AS n_steps
    FROM journey_steps
    GROUP BY journey_id, stage, touchpoint, coalesce(channel, '')
),
visited AS (
    SELECT groups.journey, stays.stage, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period, groups.cluster,
        count(*) AS n
    FROM (SELECT DISTINCT journey_id, stage FROM stage_visits) AS stays
    JOIN journey_periods AS groups ON stays.journey_id = groups.journey_id
    WHERE groups.is_mature
    GROUP BY GROUPING SETS (
        (groups.journey, stays.stage, groups.period, groups.cluster, groups.persona), (groups.journey, stays.stage, groups.period, groups.cluster))
),
clusters AS (
    SELECT groups.journey, touched.stage, touched.touchpoint, touched.channel, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period,
        groups.cluster, min(groups.person_id) AS person_id, count(*) AS x, sum(touched.n_steps) AS n_steps
    FROM touched
    JOIN journey_periods AS groups ON touched.journey_id = groups.journey_id
    WHERE groups.is_mature
    GROUP BY GROUPING SETS (
        (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel, groups.cluster, groups.persona),
        (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel, groups.cluster))
)
SELECT clusters.journey, clusters.stage, clusters.touchpoint, clusters.channel, clusters.persona, clusters.period,
    CAST(sum(x) AS BIGINT) AS n_journeys, count(clusters.person_id) AS n_people, CAST(sum(n_steps) AS BIGINT) AS n_steps,
    CAST(sum(x * x) AS BIGINT) AS xx, CAST(sum(x * n) AS BIGINT) AS xn
FROM clusters
JOIN visited
    ON clusters.journey = visited.journey AND clusters.stage = visited.stage AND clusters.persona = visited.persona AND clusters.period = visited.period
    AND clusters.cluster = visited.cluster
GROUP BY clusters.journey, clusters.stage, clusters.touchpoint, clusters.channel, clusters.persona, clusters.period;
