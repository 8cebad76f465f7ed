-- stage_touchpoint_use: one row per stage, touchpoint, channel, persona and period: how many journeys touch it there.
-- key: journey, stage, persona, period, touchpoint, channel
-- partition: none
-- reads: journey_steps, journey_groups, stage_dropoff
WITH touched AS (
    SELECT journey_id, stage, touchpoint, coalesce(channel, '') AS channel, count(*) AS n_steps
    FROM journey_steps
    GROUP BY journey_id, stage, touchpoint, coalesce(channel, '')
),
counted AS (
    SELECT groups.journey, touched.stage, groups.persona, groups.period, touched.touchpoint, touched.channel,
        count(*) AS n_journeys, count(DISTINCT groups.person_id) AS n_people, CAST(sum(touched.n_steps) AS BIGINT) AS n_steps
    FROM touched
    JOIN journey_groups AS groups ON touched.journey_id = groups.journey_id
    WHERE groups.is_mature
    GROUP BY groups.journey, touched.stage, groups.persona, groups.period, touched.touchpoint, touched.channel
)
SELECT counted.*, CAST(counted.n_journeys AS DOUBLE) / nullif(stage_dropoff.n_journeys, 0) AS share_of_journeys
FROM counted
JOIN stage_dropoff
    ON counted.journey = stage_dropoff.journey AND counted.stage = stage_dropoff.stage
    AND counted.persona = stage_dropoff.persona AND counted.period = stage_dropoff.period;
