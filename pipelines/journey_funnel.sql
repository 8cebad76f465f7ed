-- journey_funnel: one row per persona and stage up to success that somebody reached: who came through the stages in time.
-- key: persona, position
-- A journey counts with its best attempt: the longest, then the earliest.  A journey of nobody is a cluster of its own.
-- low, high: of share_of_previous, clustered by person as in sql/engine/duckdb.sql; the share itself is always inside.
-- reads: funnel_chains, journey_outcomes, stages, $journey
WITH counted AS (
    SELECT journey_id, entered_at
    FROM (SELECT journey_id, entered_at, max(position) AS depth FROM funnel_chains GROUP BY journey_id, entered_at)
    QUALIFY row_number() OVER (PARTITION BY journey_id ORDER BY depth DESC, entered_at) = 1
),
units AS (
    SELECT outcomes.persona, coalesce(outcomes.person_id, chains.journey_id) AS cluster, outcomes.person_id, chains.position,
        (micros(lead(chains.reached_at) OVER (PARTITION BY chains.journey_id ORDER BY chains.position)) - micros(chains.reached_at)) / 1e6
            AS seconds_to_next
    FROM funnel_chains AS chains
    JOIN counted ON chains.journey_id = counted.journey_id AND chains.entered_at = counted.entered_at
    JOIN journey_outcomes AS outcomes ON chains.journey_id = outcomes.journey_id
),
clusters AS (
    SELECT CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, position, cluster,
        min(person_id) AS person_id, count(*) AS n, count(seconds_to_next) AS x
    FROM units
    GROUP BY GROUPING SETS ((persona, position, cluster), (position, cluster))
),
times AS (
    SELECT CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, position,
        quantile_cont(seconds_to_next, 0.5) AS median_seconds
    FROM units
    GROUP BY GROUPING SETS ((persona, position), (position))
),
sums AS (
    SELECT persona, position, CAST(sum(n) AS BIGINT) AS n_journeys, count(person_id) AS n_people, sum(x) / sum(n) AS rate,
        clustered_error(CAST(sum(x) AS DOUBLE), CAST(sum(n) AS DOUBLE), CAST(sum(x * x) AS DOUBLE), CAST(sum(x * n) AS DOUBLE),
            CAST(sum(n * n) AS DOUBLE), CAST(count(*) AS DOUBLE)) AS error
    FROM clusters
    GROUP BY persona, position
),
-- What is told of a stage is how many of the stage before came to it.
rates AS (
    SELECT persona, position + 1 AS position, n_journeys AS n_before, rate, effective_n(rate, error, n_journeys) AS n_effective, median_seconds
    FROM sums
    JOIN times USING (persona, position)
)
SELECT sums.persona, stages.stage, sums.position, sums.n_journeys, sums.n_people,
    sums.n_journeys / first_value(sums.n_journeys) OVER (PARTITION BY sums.persona ORDER BY sums.position) AS share_of_first,
    rates.rate AS share_of_previous, rates.n_before - sums.n_journeys AS n_lost,
    CASE WHEN n_effective > 0 THEN least(rates.rate, wilson_low(rates.rate, n_effective)) END AS low,
    CASE WHEN n_effective > 0 THEN greatest(rates.rate, wilson_high(rates.rate, n_effective)) END AS high,
    median_seconds
FROM sums
JOIN stages ON stages.journey = $journey AND sums.position = stages.position
LEFT JOIN rates ON sums.persona = rates.persona AND sums.position = rates.position
ORDER BY sums.persona, sums.position
