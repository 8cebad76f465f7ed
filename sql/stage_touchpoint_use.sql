-- stage_touchpoint_use: one row per stage, touchpoint, channel, persona and period: how many journeys touch it there.
-- key: journey, stage, persona, period, touchpoint, channel
-- partition: none
-- reads: touchpoint_sums, stage_sums
SELECT sums.journey, sums.stage, sums.persona, sums.period, sums.touchpoint, sums.channel, sums.n_journeys, sums.n_people, sums.n_steps,
    CAST(sums.n_journeys AS DOUBLE) / nullif(stages.n_journeys, 0) AS share_of_journeys
FROM touchpoint_sums AS sums
JOIN stage_sums AS stages
    ON sums.journey = stages.journey AND sums.stage = stages.stage AND sums.persona = stages.persona AND sums.period = stages.period;
