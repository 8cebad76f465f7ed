-- discriminative: one row per frequent sequence.  key: sequence
-- a: the judged journeys that have it, b: those that do not; of each the share that was won, clustered by person. What
-- is summed over people for b is the sum over all, less what those who have it take away. A journey that begins with the
-- goal came from nothing, and is on neither side.
-- reads: found, frequent, played, journeys, visits, $goal (a name, or NULL: the outcome says what is won)
WITH judged AS MATERIALIZED (
    SELECT
        journey_no, cluster_no,
        CASE WHEN $goal IS NULL THEN outcome = 'succeeded' ELSE journey_no IN (
            SELECT journey_no FROM visits WHERE name::VARCHAR = $goal
        ) END AS is_won
    FROM journeys
    WHERE NOT is_open AND CASE
        WHEN $goal IS NULL THEN outcome IN ('succeeded', 'dropped') ELSE journey_no IN (SELECT journey_no FROM played)
    END
),
all_of AS MATERIALIZED (
    SELECT cluster_no, count(*) AS units, count(*) FILTER (is_won) AS hits FROM judged GROUP BY cluster_no
),
base AS (
    SELECT
        count(*) AS n_clusters, sum(units)::HUGEINT AS units, sum(hits)::HUGEINT AS hits,
        sum(units * units)::HUGEINT AS units_units, sum(hits * hits)::HUGEINT AS hits_hits,
        sum(hits * units)::HUGEINT AS hits_units,
        count(*) FILTER (cluster_no > 0) AS n_people
    FROM all_of
),
with_it AS (
    SELECT sequence_no, cluster_no, count(*) AS units_a, count(*) FILTER (is_won) AS hits_a
    FROM found JOIN judged USING (journey_no)
    GROUP BY sequence_no, cluster_no
),
sums AS (
    SELECT
        sequence_no,
        count(*) AS clusters_a,
        sum(units_a)::HUGEINT AS units_a, sum(hits_a)::HUGEINT AS hits_a,
        sum(units_a * units_a)::HUGEINT AS units_units_a, sum(hits_a * hits_a)::HUGEINT AS hits_hits_a,
        sum(hits_a * units_a)::HUGEINT AS hits_units_a,
        count(*) FILTER (cluster_no > 0) AS people_a,
        count(*) FILTER (units_a = units) AS clusters_only_a,
        count(*) FILTER (units_a = units AND cluster_no > 0) AS people_only_a,
        sum(units * units - (units - units_a) * (units - units_a))::HUGEINT AS units_units_gone,
        sum(hits * hits - (hits - hits_a) * (hits - hits_a))::HUGEINT AS hits_hits_gone,
        sum(hits * units - (hits - hits_a) * (units - units_a))::HUGEINT AS hits_units_gone,
        sum(hits_a * (hits - hits_a))::HUGEINT AS hits_a_hits_b,
        sum(hits_a * (units - units_a))::HUGEINT AS hits_a_units_b,
        sum(units_a * (hits - hits_a))::HUGEINT AS units_a_hits_b,
        sum(units_a * (units - units_a))::HUGEINT AS units_a_units_b
    FROM with_it JOIN all_of USING (cluster_no)
    GROUP BY sequence_no
),
sides AS (
    SELECT
        sums.*,
        units - units_a AS units_b,
        hits - hits_a AS hits_b,
        n_people - people_only_a AS people_b,
        hits_a / nullif(units_a, 0) AS rate_a,
        (hits - hits_a) / nullif(units - units_a, 0) AS rate_b,
        error_of_sums(clusters_a, hits_a, hits_hits_a, hits_units_a, units_a, units_units_a) AS error_a,
        error_of_sums(
            n_clusters - clusters_only_a, hits - hits_a, hits_hits - hits_hits_gone, hits_units - hits_units_gone,
            units - units_a, units_units - units_units_gone
        ) AS error_b
    FROM sums CROSS JOIN base
)
SELECT
    sequence,
    units_a::BIGINT AS n_a, people_a::BIGINT AS n_people_a, rate_a,
    wilson_low(rate_a, effective_units(rate_a, error_a, units_a)) AS low_a,
    wilson_high(rate_a, effective_units(rate_a, error_a, units_a)) AS high_a,
    units_b::BIGINT AS n_b, people_b::BIGINT AS n_people_b, rate_b,
    wilson_low(rate_b, effective_units(rate_b, error_b, units_b)) AS low_b,
    wilson_high(rate_b, effective_units(rate_b, error_b, units_b)) AS high_b,
    hits_a * (units_b - hits_b) / nullif(hits_b * (units_a - hits_a), 0) AS odds_ratio,
    correlation_of_sums(
        error_a, error_b, hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
    ) AS correlation
FROM sides JOIN frequent USING (sequence_no)
ORDER BY n_a DESC, sequence;
