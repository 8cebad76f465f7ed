-- stage_dropoff: one row per stage, persona and period: how many reach it, how long they stay, how many leave there for good.
-- key: journey, stage, persona, period
-- partition: none
-- reads: journey_stages, stage_visits, journey_periods, journey_totals
-- Drop-off of a stage: dropped journeys whose last stage it is / mature journeys that visited it, each once however
-- often it came back.  exit_share is per visit.  Intervals: clustered by person, see sql/engine/duckdb.sql.
WITH clusters AS (
    SELECT groups.journey, stays.stage, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period, groups.cluster, min(groups.person_id) AS person_id,
        count(CASE WHEN is_mature THEN 1 END) AS n,
        count(CASE WHEN outcome = 'dropped' AND last_stage = stays.stage THEN 1 END) AS x,
        count(CASE WHEN NOT is_mature THEN 1 END) AS n_open, sum(CASE WHEN is_mature THEN n_visits ELSE 0 END) AS n_visits
    FROM journey_stages AS stays
    JOIN journey_periods AS groups ON stays.journey_id = groups.journey_id
    GROUP BY GROUPING SETS (
        (groups.journey, stays.stage, groups.period, groups.cluster, groups.persona), (groups.journey, stays.stage, groups.period, groups.cluster))
),
sums AS (
    SELECT journey, stage, persona, period,
        CAST(sum(n) AS BIGINT) AS n_journeys, count(CASE WHEN n > 0 THEN person_id END) AS n_people, CAST(sum(x) AS BIGINT) AS n_dropped,
        CAST(sum(n_visits) AS BIGINT) AS n_visits, CAST(sum(n_open) AS BIGINT) AS n_open_journeys,
        CAST(sum(x * x) AS DOUBLE) AS xx, CAST(sum(x * n) AS DOUBLE) AS xn, CAST(sum(n * n) AS DOUBLE) AS nn, count(CASE WHEN n > 0 THEN 1 END) AS n_clusters
    FROM clusters
    GROUP BY journey, stage, persona, period
),
times AS (
    SELECT groups.journey, visits.stage, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY visits.stay_seconds) AS median_seconds,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY visits.stay_seconds) AS p90_seconds
    FROM stage_visits AS visits
    JOIN journey_periods AS groups ON visits.journey_id = groups.journey_id
    WHERE groups.is_mature
    GROUP BY GROUPING SETS ((groups.journey, visits.stage, groups.period, groups.persona), (groups.journey, visits.stage, groups.period))
),
rates AS (
    SELECT sums.*, totals.n_journeys AS n_journeys_of_group, CAST(sums.n_dropped AS DOUBLE) / nullif(sums.n_journeys, 0) AS dropoff_rate,
        clustered_error(CAST(sums.n_dropped AS DOUBLE), CAST(sums.n_journeys AS DOUBLE), xx, xn, nn, CAST(n_clusters AS DOUBLE)) AS dropoff_error
    FROM sums
    JOIN journey_totals AS totals ON sums.journey = totals.journey AND sums.persona = totals.persona AND sums.period = totals.period
),
effective AS (
    SELECT *, effective_n(dropoff_rate, dropoff_error, n_journeys) AS n_eff FROM rates
)
SELECT effective.journey, effective.stage, effective.persona, effective.period, n_journeys, n_people,
    CAST(n_journeys AS DOUBLE) / nullif(n_journeys_of_group, 0) AS share_of_journeys, n_dropped, dropoff_rate,
    wilson_low(dropoff_rate, n_eff) AS dropoff_low, wilson_high(dropoff_rate, n_eff) AS dropoff_high, dropoff_error,
    n_visits, CAST(n_dropped AS DOUBLE) / nullif(n_visits, 0) AS exit_share, median_seconds, p90_seconds, n_open_journeys
FROM effective
LEFT JOIN times
    ON effective.journey = times.journey AND effective.stage = times.stage AND effective.persona = times.persona AND effective.period = times.period;
