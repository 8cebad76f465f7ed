-- stage_dropoff: one row per stage, persona and period: how many reach it, how long they stay, how many leave there for good.
-- key: journey, stage, persona, period
-- partition: none
-- reads: stage_sums, time_percentiles, journey_sums
-- Drop-off of a stage: dropped journeys whose last stage it is / mature journeys that visited it, each once however
-- often it came back.  exit_share is per visit.  Intervals: clustered by person, see sql/engine/duckdb.sql.
WITH rates AS (
    SELECT sums.*, totals.n_journeys AS n_journeys_of_group, CAST(sums.n_dropped AS DOUBLE) / nullif(sums.n_journeys, 0) AS dropoff_rate,
        clustered_error(CAST(sums.n_dropped AS DOUBLE), CAST(sums.n_journeys AS DOUBLE), CAST(sums.xx AS DOUBLE), CAST(sums.xn AS DOUBLE), CAST(sums.nn AS DOUBLE), CAST(sums.n_clusters AS DOUBLE)) AS dropoff_error,
        CAST(sums.n_journeys AS DOUBLE) / nullif(totals.n_journeys, 0) AS share_of_journeys,
        clustered_error(CAST(sums.n_journeys AS DOUBLE), CAST(totals.n_journeys AS DOUBLE), CAST(sums.nn AS DOUBLE), CAST(sums.nt AS DOUBLE), CAST(totals.nn AS DOUBLE), CAST(totals.n_clusters AS DOUBLE)) AS share_error
    FROM stage_sums AS sums
    JOIN journey_sums AS totals ON sums.journey = totals.journey AND sums.persona = totals.persona AND sums.period = totals.period
),
effective AS (
    SELECT *, effective_n(dropoff_rate, dropoff_error, n_journeys) AS n_eff, effective_n(share_of_journeys, share_error, n_journeys_of_group) AS n_eff_of_group
    FROM rates
)
SELECT effective.journey, effective.stage, effective.persona, effective.period, n_journeys, n_people, share_of_journeys,
    wilson_low(share_of_journeys, n_eff_of_group) AS share_low, wilson_high(share_of_journeys, n_eff_of_group) AS share_high, n_dropped, dropoff_rate,
    wilson_low(dropoff_rate, n_eff) AS dropoff_low, wilson_high(dropoff_rate, n_eff) AS dropoff_high, dropoff_error,
    n_visits, CAST(n_dropped AS DOUBLE) / nullif(n_visits, 0) AS exit_share, times.median_seconds, times.p90_seconds, n_open_journeys
FROM effective
LEFT JOIN time_percentiles AS times
    ON effective.journey = times.journey AND effective.stage = times.stage AND times.next_stage = '(stay)'
    AND effective.persona = times.persona AND effective.period = times.period;
