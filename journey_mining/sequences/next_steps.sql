-- next_steps: one row per name that follows the prefix.  key: name
-- reads: visits, journeys, prefix (position, name), $is_anywhere
WITH starts AS MATERIALIZED (
    SELECT journey_no, visit_number - position AS before_number
    FROM visits JOIN prefix ON visits.name::VARCHAR = prefix.name
    GROUP BY journey_no, before_number
    HAVING count(*) = (SELECT count(*) FROM prefix) AND ($is_anywhere OR before_number = 0)
),
followed AS (
    SELECT cluster_no, is_open, coalesce(visits.name, end_name) AS name
    FROM (SELECT *, before_number + (SELECT count(*) FROM prefix) + 1 AS next_number FROM starts) AS starts
    JOIN journeys USING (journey_no)
    LEFT JOIN visits ON visits.journey_no = starts.journey_no AND visits.visit_number = next_number
),
clusters AS (
    SELECT
        name, cluster_no,
        count(*) FILTER (NOT is_open) AS hits,
        count(*) FILTER (is_open) AS n_open,
        sum(count(*) FILTER (NOT is_open)) OVER (PARTITION BY cluster_no) AS units
    FROM followed
    GROUP BY name, cluster_no
),
base AS (
    SELECT count(*) AS n_clusters, sum(units) AS n_units, sum(units * units) AS units_units
    FROM (SELECT cluster_no, any_value(units) AS units FROM clusters GROUP BY cluster_no)
    WHERE units > 0
),
rates AS (
    SELECT
        name,
        sum(hits)::BIGINT AS n_times,
        count(*) FILTER (hits > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open,
        sum(hits) / nullif(any_value(n_units), 0) AS share,
        any_value(n_units) AS n_units,
        error_of_sums(
            any_value(n_clusters), sum(hits), sum(hits * hits), sum(hits * units), any_value(n_units),
            any_value(units_units)
        ) AS error
    FROM clusters CROSS JOIN base
    GROUP BY name
)
SELECT
    name::VARCHAR AS name,
    n_times,
    n_people,
    share,
    wilson_low(share, effective_units(share, error, n_units)) AS low,
    wilson_high(share, effective_units(share, error, n_units)) AS high,
    n_open
FROM rates
ORDER BY n_times DESC, rates.name;
