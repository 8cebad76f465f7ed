-- findings: one row per kind, name and other name.  key: kind, name, other
-- A unit is a mature journey that visited the name; a hit is one in which it was found.
-- reads: visits, journeys
WITH journey_names AS MATERIALIZED (
    SELECT
        name, journey_no,
        count(*) FILTER (previous_name = name) AS n_repeats,
        count(*) FILTER (previous_name IS DISTINCT FROM name) - 1 AS n_returns,
        bool_or(is_last) AS is_last
    FROM visits
    GROUP BY name, journey_no
),
triples AS (
    SELECT
        name, journey_no, previous_name,
        lag(previous_name) OVER (PARTITION BY journey_no ORDER BY visit_number) AS name_before
    FROM visits
),
-- What nothing else ever follows, and what never ends in success.
dead_ends AS (
    SELECT name
    FROM journey_names JOIN journeys USING (journey_no)
    WHERE NOT is_open
    GROUP BY name
    HAVING bool_and(is_last AND n_returns = 0 AND end_name <> '(success)')
),
found AS (
    SELECT 'self-loop' AS kind, name, NULL::name AS other, journey_no, n_repeats AS n
    FROM journey_names WHERE n_repeats > 0
    UNION ALL
    SELECT 'rework', name, NULL, journey_no, n_returns
    FROM journey_names WHERE n_returns > 0
    UNION ALL
    SELECT 'ping-pong', name, previous_name, journey_no, count(*)
    FROM triples WHERE name = name_before AND name <> previous_name
    GROUP BY name, previous_name, journey_no
    UNION ALL
    SELECT 'dead end', name, NULL, journey_no, 1
    FROM journey_names WHERE name IN (SELECT name FROM dead_ends)
),
hits AS (
    SELECT kind, name, other, cluster_no, sum(n)::BIGINT AS n, count(*) AS hits
    FROM found JOIN journeys USING (journey_no)
    WHERE NOT is_open
    GROUP BY kind, name, other, cluster_no
),
units AS MATERIALIZED (
    SELECT name, cluster_no, count(*) AS units
    FROM journey_names JOIN journeys USING (journey_no)
    WHERE NOT is_open
    GROUP BY name, cluster_no
),
bases AS (
    SELECT name, count(*) AS n_clusters, sum(units)::BIGINT AS n_units, sum(units * units) AS units_units
    FROM units
    GROUP BY name
),
rates AS (
    SELECT
        kind, name, other,
        sum(n)::BIGINT AS n_times,
        sum(hits)::BIGINT AS n_journeys,
        count(*) FILTER (cluster_no > 0) AS n_people,
        any_value(n_units) AS n_units,
        sum(hits) / any_value(n_units) AS rate,
        error_of_sums(
            any_value(n_clusters), sum(hits), sum(hits * hits), sum(hits * units), any_value(n_units),
            any_value(units_units)
        ) AS error
    FROM hits JOIN units USING (name, cluster_no) JOIN bases USING (name)
    GROUP BY kind, name, other
)
SELECT
    kind,
    name::VARCHAR AS name,
    other::VARCHAR AS other,
    n_times,
    n_journeys,
    n_people,
    n_units,
    rate,
    wilson_low(rate, effective_units(rate, error, n_units)) AS low,
    wilson_high(rate, effective_units(rate, error, n_units)) AS high
FROM rates
ORDER BY n_journeys DESC, n_times DESC, kind, rates.name, rates.other;
