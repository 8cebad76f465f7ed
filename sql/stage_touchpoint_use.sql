-- stage_touchpoint_use: one row per stage, touchpoint, channel, persona and period: how many journeys touch it there.
-- key: journey, stage, persona, period, touchpoint, channel
-- partition: none
-- reads: touchpoint_sums, stage_sums
-- The interval of the share is clustered by person, see sql/engine/duckdb.sql.
WITH shares AS (
    SELECT sums.*, stages.n_journeys AS n_journeys_of_stage, CAST(sums.n_journeys AS DOUBLE) / nullif(stages.n_journeys, 0) AS share_of_journeys,
        clustered_error(CAST(sums.n_journeys AS DOUBLE), CAST(stages.n_journeys AS DOUBLE), CAST(sums.xx AS DOUBLE), CAST(sums.xn AS DOUBLE), CAST(stages.nn AS DOUBLE), CAST(stages.n_clusters AS DOUBLE)) AS share_error
    FROM touchpoint_sums AS sums
    JOIN stage_sums AS stages
        ON sums.journey = stages.journey AND sums.stage = stages.stage AND sums.persona = stages.persona AND sums.period = stages.period
),
effective AS (
    SELECT *, effective_n(share_of_journeys, share_error, n_journeys_of_stage) AS n_eff FROM shares
)
SELECT journey, stage, persona, period, touchpoint, channel, n_journeys, n_people, n_steps, share_of_journeys,
    wilson_low(share_of_journeys, n_eff) AS share_low, wilson_high(share_of_journeys, n_eff) AS share_high
FROM effective;
