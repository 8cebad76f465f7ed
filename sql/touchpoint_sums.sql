-- touchpoint_sums: one row per stage, touchpoint, channel, persona and period: mature journeys that touch it there, summed over people.
-- key: journey, stage, touchpoint, channel, persona, period
-- partition: sum
-- publish: work
-- reads: journey_steps, journey_periods
WITH touched AS (
    SELECT journey_id, stage, touchpoint, coalesce(channel, '') AS channel, count(*) AS n_steps
    FROM journey_steps
    GROUP BY journey_id, stage, touchpoint, coalesce(channel, '')
)
SELECT groups.journey, touched.stage, touched.touchpoint, touched.channel, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period,
    count(*) AS n_journeys, count(DISTINCT groups.person_id) AS n_people, CAST(sum(touched.n_steps) AS BIGINT) AS n_steps
FROM touched
JOIN journey_periods AS groups ON touched.journey_id = groups.journey_id
WHERE groups.is_mature
GROUP BY GROUPING SETS (
    (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel, groups.persona),
    (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel));
