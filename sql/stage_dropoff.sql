-- stage_dropoff: one row per stage, persona and period: how many reach it, how long they stay, how many leave there for good.
-- key: journey, stage, persona, period
-- partition: none
-- reads: stage_sums, time_percentiles, journey_totals
-- Drop-off of a stage: dropped journeys whose last stage it is / mature journeys that visited it, each once however
-- often it came back.  exit_share is per visit.  Intervals: clustered by person, see sql/engine/duckdb.sql.
WITH rates AS (
    SELECT sums.*, totals.n_journeys AS n_journeys_of_group, CAST(sums.n_dropped AS DOUBLE) / nullif(sums.n_journeys, 0) AS dropoff_rate,
        clustered_error(CAST(sums.n_dropped AS DOUBLE), CAST(sums.n_journeys AS DOUBLE), CAST(xx AS DOUBLE), CAST(xn AS DOUBLE), CAST(nn AS DOUBLE), CAST(n_clusters AS DOUBLE)) AS dropoff_error
    FROM stage_sums AS sums
    JOIN journey_totals AS totals ON sums.journey = totals.journey AND sums.persona = totals.persona AND sums.period = totals.period
),
effective AS (
    SELECT *, effective_n(dropoff_rate, dropoff_error, n_journeys) AS n_eff FROM rates
)
SELECT effective.journey, effective.stage, effective.persona, effective.period, n_journeys, n_people,
    CAST(n_journeys AS DOUBLE) / nullif(n_journeys_of_group, 0) AS share_of_journeys, n_dropped, dropoff_rate,
    wilson_low(dropoff_rate, n_eff) AS dropoff_low, wilson_high(dropoff_rate, n_eff) AS dropoff_high, dropoff_error,
    n_visits, CAST(n_dropped AS DOUBLE) / nullif(n_visits, 0) AS exit_share, times.median_seconds, times.p90_seconds, n_open_journeys
FROM effective
LEFT JOIN time_percentiles AS times
    ON effective.journey = times.journey AND effective.stage = times.stage AND times.next_stage = '(stay)'
    AND effective.persona = times.persona AND effective.period = times.period;
