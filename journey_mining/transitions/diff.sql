-- diff: one row per pair of names that follow each other in either of two segments, mature journeys only.
-- key: from, to.  probability: the transitions of the segment along the pair / all out of its source.
-- correlation: of the two probabilities, where people have journeys in both segments.
-- reads: visits, journeys, segments
WITH moves AS (
    SELECT journey_no, coalesce(previous_name, '(start)') AS source, name AS target
    FROM visits
    UNION ALL
    SELECT journey_no, name, end_name
    FROM visits JOIN (SELECT journey_no, end_name FROM journeys) USING (journey_no)
    WHERE is_last
),
hits AS MATERIALIZED (
    SELECT
        source, target, cluster_no,
        count(*) FILTER (is_a) AS hits_a,
        count(*) FILTER (NOT is_a) AS hits_b
    FROM moves JOIN segments USING (journey_no)
    WHERE NOT is_open
    GROUP BY source, target, cluster_no
),
units AS MATERIALIZED (
    SELECT source, cluster_no, sum(hits_a)::BIGINT AS units_a, sum(hits_b)::BIGINT AS units_b
    FROM hits
    GROUP BY source, cluster_no
),
sources AS (
    SELECT
        source,
        count(*) FILTER (units_a > 0) AS clusters_a, sum(units_a) AS units_a, sum(units_a * units_a) AS units_units_a,
        count(*) FILTER (units_b > 0) AS clusters_b, sum(units_b) AS units_b, sum(units_b * units_b) AS units_units_b,
        sum(units_a * units_b) AS units_a_units_b
    FROM units
    GROUP BY source
),
sums AS (
    SELECT
        source, target,
        sum(hits_a) AS hits_a, sum(hits_a * hits_a) AS hits_hits_a, sum(hits_a * units_a) AS hits_units_a,
        sum(hits_b) AS hits_b, sum(hits_b * hits_b) AS hits_hits_b, sum(hits_b * units_b) AS hits_units_b,
        sum(hits_a * hits_b) AS hits_a_hits_b, sum(hits_a * units_b) AS hits_a_units_b, sum(units_a * hits_b) AS units_a_hits_b,
        count(*) FILTER (hits_a > 0 AND cluster_no > 0) AS people_a,
        count(*) FILTER (hits_b > 0 AND cluster_no > 0) AS people_b
    FROM hits JOIN units USING (source, cluster_no)
    GROUP BY source, target
),
rates AS (
    SELECT
        *,
        hits_a / nullif(units_a, 0) AS rate_a,
        hits_b / nullif(units_b, 0) AS rate_b,
        error_of_sums(clusters_a, hits_a, hits_hits_a, hits_units_a, units_a, units_units_a) AS error_a,
        error_of_sums(clusters_b, hits_b, hits_hits_b, hits_units_b, units_b, units_units_b) AS error_b
    FROM sums JOIN sources USING (source)
)
SELECT
    source::VARCHAR AS "from",
    target::VARCHAR AS "to",
    hits_a::BIGINT AS n_transitions_a, people_a::BIGINT AS n_people_a, rate_a AS probability_a,
    wilson_low(rate_a, effective_units(rate_a, error_a, units_a)) AS low_a,
    wilson_high(rate_a, effective_units(rate_a, error_a, units_a)) AS high_a,
    hits_b::BIGINT AS n_transitions_b, people_b::BIGINT AS n_people_b, rate_b AS probability_b,
    wilson_low(rate_b, effective_units(rate_b, error_b, units_b)) AS low_b,
    wilson_high(rate_b, effective_units(rate_b, error_b, units_b)) AS high_b,
    correlation_of_sums(
        error_a, error_b, hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
    ) AS correlation
FROM rates
ORDER BY hits_a + hits_b DESC, rates.source, rates.target;
