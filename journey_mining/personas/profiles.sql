-- profiles: one row per persona of today and feature.  key: persona_no, feature_no
-- total, total_squared: of the values of its units, in billionths and their squares: whole numbers, exact in any order.
-- reads: assigned, measured, units
WITH own AS (
    SELECT unit_no, persona_no, cluster_no FROM assigned JOIN units USING (unit_no) WHERE is_today
),
clusters AS (
    SELECT cluster_no, persona_no, count(*) AS hits FROM own GROUP BY cluster_no, persona_no
),
totals AS (
    SELECT cluster_no, sum(hits) AS units FROM clusters GROUP BY cluster_no
),
everyone AS (
    SELECT count(*) AS n_clusters, sum(units) AS n_units, sum(units * units) AS units_units FROM totals
),
sizes AS (
    SELECT
        persona_no,
        sum(hits) AS n,
        n / any_value(n_units) AS share,
        error_of_sums(
            any_value(n_clusters), sum(hits), sum(hits * hits), sum(hits * units), any_value(n_units), any_value(units_units)
        ) AS error,
        any_value(n_units) AS n_units
    FROM clusters JOIN totals USING (cluster_no) CROSS JOIN everyone
    GROUP BY persona_no
),
sums AS (
    SELECT
        persona_no, feature_no,
        sum(round(value * 1e9)::HUGEINT) AS total,
        sum(round(value * 1e9)::HUGEINT * round(value * 1e9)::HUGEINT) AS total_squared
    FROM measured JOIN own USING (unit_no)
    GROUP BY persona_no, feature_no
)
SELECT
    persona_no,
    feature_no,
    n::BIGINT AS n_units,
    share,
    wilson_low(share, effective_units(share, error, n_units)) AS low,
    wilson_high(share, effective_units(share, error, n_units)) AS high,
    coalesce(total, 0)::DOUBLE / 1e9 AS total,
    coalesce(total_squared, 0)::DOUBLE / 1e18 AS total_squared
FROM sizes CROSS JOIN (SELECT feature_no::INTEGER AS feature_no FROM features) LEFT JOIN sums USING (persona_no, feature_no)
ORDER BY persona_no, feature_no;
