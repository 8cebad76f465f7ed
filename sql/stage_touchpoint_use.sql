-- stage_touchpoint_use: one row per stage, touchpoint, channel, persona and period: how many journeys touch it there.
-- key: journey, stage, persona, period, touchpoint, channel
-- partition: none
-- reads: journey_touchpoints, journey_periods, stage_dropoff
WITH counted AS (
    SELECT groups.journey, touched.stage, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period, touched.touchpoint, touched.channel,
        count(*) AS n_journeys, count(DISTINCT groups.person_id) AS n_people, CAST(sum(touched.n_steps) AS BIGINT) AS n_steps
    FROM journey_touchpoints AS touched
    JOIN journey_periods AS groups ON touched.journey_id = groups.journey_id
    WHERE groups.is_mature
    GROUP BY GROUPING SETS (
        (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel, groups.persona),
        (groups.journey, touched.stage, groups.period, touched.touchpoint, touched.channel))
)
SELECT counted.*, CAST(counted.n_journeys AS DOUBLE) / nullif(stage_dropoff.n_journeys, 0) AS share_of_journeys
FROM counted
JOIN stage_dropoff
    ON counted.journey = stage_dropoff.journey AND counted.stage = stage_dropoff.stage
    AND counted.persona = stage_dropoff.persona AND counted.period = stage_dropoff.period;
