-- sequences: one row per frequent sequence of at least $min_length names.  key: sequence
-- reads: found, frequent, journeys, $min_length
WITH units AS (
    SELECT cluster_no, count(*) AS units FROM journeys WHERE NOT is_open GROUP BY cluster_no
),
base AS (
    SELECT count(*) AS n_clusters, sum(units)::BIGINT AS n_units, sum(units * units)::HUGEINT AS units_units FROM units
),
hits AS (
    SELECT
        sequence_no, cluster_no,
        count(*) FILTER (NOT is_open) AS hits,
        coalesce(sum(n) FILTER (NOT is_open), 0) AS n,
        count(*) FILTER (is_open) AS n_open
    FROM found JOIN journeys USING (journey_no)
    GROUP BY sequence_no, cluster_no
),
rates AS (
    SELECT
        sequence_no,
        sum(n)::BIGINT AS n_times,
        sum(hits)::BIGINT AS n_journeys,
        count(*) FILTER (hits > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open,
        sum(hits * hits)::HUGEINT AS hits_hits,
        sum(hits * coalesce(units, 0))::HUGEINT AS hits_units
    FROM hits LEFT JOIN units USING (cluster_no)
    GROUP BY sequence_no
),
told AS (
    SELECT
        sequence, n_times, n_journeys, n_people, n_open, n_units,
        n_journeys / n_units AS share,
        error_of_sums(n_clusters, n_journeys, hits_hits, hits_units, n_units, units_units) AS error
    FROM rates JOIN frequent USING (sequence_no) CROSS JOIN base
    WHERE len(sequence) >= $min_length
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
