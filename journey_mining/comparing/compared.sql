-- compared: one row per metric and name.  key: metric, name
-- A unit is a mature journey: of the segment (success, reach), or one that visited the name (dropoff, conversion).
-- A hit is one that succeeded, that visited the name, whose last visit it was when it dropped, that succeeded.
-- reads: segments, visits, journeys, $metrics (a list of names)
WITH visited AS MATERIALIZED (
    SELECT
        name, cluster_no, is_a, is_open,
        outcome = 'succeeded' AS is_success,
        bool_or(is_last AND end_name = '(dropped)') AS is_dropped
    FROM visits JOIN segments USING (journey_no) JOIN (SELECT journey_no, end_name FROM journeys) USING (journey_no)
    GROUP BY name, journey_no, cluster_no, is_a, is_open, is_success
),
sizes AS MATERIALIZED (
    SELECT
        cluster_no,
        count(*) FILTER (is_a AND NOT is_open) AS units_a,
        count(*) FILTER (NOT is_a AND NOT is_open) AS units_b,
        count(*) FILTER (is_a AND outcome = 'succeeded') AS hits_a,
        count(*) FILTER (NOT is_a AND outcome = 'succeeded') AS hits_b,
        count(*) FILTER (is_a AND is_open) AS open_a,
        count(*) FILTER (NOT is_a AND is_open) AS open_b
    FROM segments
    GROUP BY cluster_no
),
by_name AS MATERIALIZED (
    SELECT
        name, cluster_no,
        count(*) FILTER (is_a AND NOT is_open) AS visited_a,
        count(*) FILTER (NOT is_a AND NOT is_open) AS visited_b,
        count(*) FILTER (is_a AND is_dropped) AS dropped_a,
        count(*) FILTER (NOT is_a AND is_dropped) AS dropped_b,
        count(*) FILTER (is_a AND is_success) AS succeeded_a,
        count(*) FILTER (NOT is_a AND is_success) AS succeeded_b,
        count(*) FILTER (is_a AND is_open) AS open_a,
        count(*) FILTER (NOT is_a AND is_open) AS open_b
    FROM visited
    GROUP BY name, cluster_no
),
clusters AS (
    SELECT 'success' AS metric, NULL AS name, cluster_no, units_a, units_b, hits_a, hits_b, open_a, open_b FROM sizes
    UNION ALL
    SELECT 'dropoff', name, cluster_no, visited_a, visited_b, dropped_a, dropped_b, open_a, open_b FROM by_name
    UNION ALL
    SELECT 'conversion', name, cluster_no, visited_a, visited_b, succeeded_a, succeeded_b, open_a, open_b FROM by_name
    UNION ALL
    SELECT 'reach', name, cluster_no, units_a, units_b, visited_a, visited_b, sizes.open_a, sizes.open_b
    FROM by_name JOIN sizes USING (cluster_no)
),
sums AS (
    SELECT
        metric, name::VARCHAR AS name,
        sum(hits_a) AS hits_a, sum(hits_a * hits_a) AS hits_hits_a, sum(hits_a * units_a) AS hits_units_a,
        sum(hits_b) AS hits_b, sum(hits_b * hits_b) AS hits_hits_b, sum(hits_b * units_b) AS hits_units_b,
        sum(hits_a * hits_b) AS hits_a_hits_b, sum(hits_a * units_b) AS hits_a_units_b, sum(units_a * hits_b) AS units_a_hits_b
    FROM clusters
    WHERE list_contains($metrics, metric)
    GROUP BY metric, name
),
-- People who never came to a name add units to its reach, and nothing else: the same for every name.
bases AS (
    SELECT
        metric, name::VARCHAR AS name,
        count(*) FILTER (units_a > 0) AS clusters_a, sum(units_a) AS units_a, sum(units_a * units_a) AS units_units_a,
        count(*) FILTER (units_b > 0) AS clusters_b, sum(units_b) AS units_b, sum(units_b * units_b) AS units_units_b,
        count(*) FILTER (units_a > 0 AND cluster_no > 0) AS people_a,
        count(*) FILTER (units_b > 0 AND cluster_no > 0) AS people_b,
        sum(units_a * units_b) AS units_a_units_b,
        sum(open_a) AS open_a, sum(open_b) AS open_b
    FROM (
        SELECT metric, name, cluster_no, units_a, units_b, open_a, open_b FROM clusters WHERE metric <> 'reach'
        UNION ALL
        SELECT 'reach', NULL, cluster_no, units_a, units_b, open_a, open_b FROM sizes
    )
    GROUP BY metric, name
),
rates AS (
    SELECT
        sums.metric, sums.name, units_a, units_b, people_a, people_b, hits_a, hits_b, open_a, open_b,
        hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a_units_b,
        hits_a / nullif(units_a, 0) AS rate_a,
        hits_b / nullif(units_b, 0) AS rate_b,
        error_of_sums(clusters_a, hits_a, hits_hits_a, hits_units_a, units_a, units_units_a) AS error_a,
        error_of_sums(clusters_b, hits_b, hits_hits_b, hits_units_b, units_b, units_units_b) AS error_b
    FROM sums JOIN bases
        ON sums.metric = bases.metric AND (sums.metric = 'reach' OR sums.name IS NOT DISTINCT FROM bases.name)
)
SELECT
    metric,
    name,
    units_a::BIGINT AS n_a, people_a::BIGINT AS n_people_a, hits_a::BIGINT AS n_hits_a, rate_a,
    wilson_low(rate_a, effective_units(rate_a, error_a, units_a)) AS low_a,
    wilson_high(rate_a, effective_units(rate_a, error_a, units_a)) AS high_a,
    units_b::BIGINT AS n_b, people_b::BIGINT AS n_people_b, hits_b::BIGINT AS n_hits_b, rate_b,
    wilson_low(rate_b, effective_units(rate_b, error_b, units_b)) AS low_b,
    wilson_high(rate_b, effective_units(rate_b, error_b, units_b)) AS high_b,
    correlation_of_sums(
        error_a, error_b, hits_a, hits_b, hits_a_hits_b, hits_a_units_b, units_a_hits_b, units_a, units_b, units_a_units_b
    ) AS correlation,
    open_a::BIGINT AS n_open_a,
    open_b::BIGINT AS n_open_b
FROM rates
ORDER BY metric, name;
