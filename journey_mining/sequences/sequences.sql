-- sequences: one row per frequent sequence of at least $min_length names.  key: sequence
-- reads: found, frequent, journeys, $min_length
WITH owners AS (
    SELECT
        journey_no, cluster_no, is_open,
        count(*) FILTER (NOT is_open) OVER (PARTITION BY cluster_no) AS units,
        count(*) OVER (PARTITION BY cluster_no) = 1 AS is_alone
    FROM journeys
),
base AS (
    SELECT
        count(DISTINCT cluster_no) AS n_clusters,
        count(*) AS n_units,
        sum(units)::HUGEINT AS units_units
    FROM owners
    WHERE NOT is_open
),
asked AS (
    SELECT * FROM frequent WHERE len(sequence) >= $min_length
),
by_journey AS (
    SELECT
        sequence_no, cluster_no, units, is_alone,
        CASE WHEN is_open THEN 0 ELSE 1 END AS hits,
        CASE WHEN is_open THEN 0 ELSE n END AS n,
        CASE WHEN is_open THEN 1 ELSE 0 END AS n_open
    FROM found SEMI JOIN asked USING (sequence_no) JOIN owners USING (journey_no)
),
-- Somebody's only journey is a cluster as it is.
by_cluster AS (
    SELECT * EXCLUDE (is_alone) FROM by_journey WHERE is_alone
    UNION ALL
    SELECT sequence_no, cluster_no, any_value(units), sum(hits)::INTEGER, sum(n)::BIGINT, sum(n_open)::INTEGER
    FROM by_journey
    WHERE NOT is_alone
    GROUP BY sequence_no, cluster_no
),
rates AS (
    SELECT
        sequence_no,
        sum(n)::BIGINT AS n_times,
        sum(hits)::BIGINT AS n_journeys,
        count(*) FILTER (hits > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open,
        sum(hits::BIGINT * hits)::HUGEINT AS hits_hits,
        sum(hits * units)::HUGEINT AS hits_units
    FROM by_cluster
    GROUP BY sequence_no
),
told AS (
    SELECT
        sequence, n_times, n_journeys, n_people, n_open, n_units,
        n_journeys / n_units AS share,
        error_of_sums(n_clusters, n_journeys, hits_hits, hits_units, n_units, units_units) AS error
    FROM rates JOIN asked USING (sequence_no) CROSS JOIN base
)
SELECT
    sequence,
    n_times,
    n_journeys,
    n_people,
    share,
    wilson_low(share, effective_units(share, error, n_units)) AS low,
    wilson_high(share, effective_units(share, error, n_units)) AS high,
    n_open
FROM told
ORDER BY n_journeys DESC, n_times DESC, sequence;
