-- transitions: one row per move between stages, persona and period: how often, by how many, how likely, how fast.
-- key: journey, persona, period, from_stage, to_stage
-- partition: none
-- reads: transition_sums, stage_sums, journey_sums, time_percentiles
-- Rates count mature journeys; n_open counts the same move in immature ones, which end in (open).  Flow is conserved:
-- what enters a stage leaves it.  The time runs from the last step in a stage to the first step in the next.
-- The interval of the probability is clustered by person, see sql/engine/duckdb.sql: everybody who was at from_stage left it.
-- No mature journey ends in (open), which has none.
WITH leavers AS (
    SELECT journey, stage, persona, period, n_clusters FROM stage_sums
    UNION ALL
    SELECT journey, '(start)', persona, period, n_clusters FROM journey_sums
),
moves AS (
    -- A person's n moves out of a stage, squared, are the sum over its targets of x times n.
    SELECT *, sum(n_transitions) OVER (PARTITION BY journey, persona, period, from_stage) AS n,
        sum(xn) OVER (PARTITION BY journey, persona, period, from_stage) AS nn,
        CAST(n_transitions AS DOUBLE) / nullif(sum(n_transitions) OVER (PARTITION BY journey, persona, period, from_stage), 0) AS probability
    FROM transition_sums
),
effective AS (
    SELECT moves.*, effective_n(probability, clustered_error(CAST(n_transitions AS DOUBLE), CAST(n AS DOUBLE), CAST(xx AS DOUBLE), CAST(xn AS DOUBLE), CAST(nn AS DOUBLE), CAST(n_clusters AS DOUBLE)), n) AS n_eff
    FROM moves
    JOIN leavers ON moves.journey = leavers.journey AND moves.from_stage = leavers.stage AND moves.persona = leavers.persona AND moves.period = leavers.period
)
SELECT effective.journey, effective.persona, effective.period, effective.from_stage, effective.to_stage, n_transitions, n_journeys, n_people,
    probability, CASE WHEN effective.to_stage <> '(open)' THEN wilson_low(probability, n_eff) END AS probability_low,
    CASE WHEN effective.to_stage <> '(open)' THEN wilson_high(probability, n_eff) END AS probability_high,
    times.median_seconds, times.p90_seconds, n_open
FROM effective
LEFT JOIN time_percentiles AS times
    ON effective.journey = times.journey AND effective.from_stage = times.stage AND effective.to_stage = times.next_stage
    AND effective.persona = times.persona AND effective.period = times.period;
