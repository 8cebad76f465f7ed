-- insertions: one row per name that the design does not know and designed stage visited before it.  key: after, name
-- Shares are of all mature journeys.
-- reads: visits, journeys, designed
CREATE OR REPLACE TEMP TABLE insertions AS
WITH placed AS (
    SELECT
        journey_no,
        visits.name,
        designed.position IS NULL AS is_inserted,
        coalesce(
            last_value(designed.position IGNORE NULLS) OVER (PARTITION BY journey_no ORDER BY visit_number), 0
        ) AS after_position
    FROM visits LEFT JOIN designed USING (name)
),
journeys_inserted AS (
    SELECT after_position, name, journey_no, count(*) AS n_visits
    FROM placed
    WHERE is_inserted
    GROUP BY after_position, name, journey_no
),
hits AS (
    SELECT
        after_position, name, cluster_no, any_value(person_no) AS person_no,
        count(*) FILTER (NOT is_open) AS hits,
        coalesce(sum(n_visits) FILTER (NOT is_open), 0) AS n_visits,
        count(*) FILTER (is_open) AS n_open
    FROM journeys_inserted JOIN journeys USING (journey_no)
    GROUP BY after_position, name, cluster_no
),
units AS (SELECT cluster_no, count(*) FILTER (NOT is_open) AS units FROM journeys GROUP BY cluster_no),
base AS (
    SELECT count(*) FILTER (units > 0) AS n_clusters, sum(units)::BIGINT AS n_units, sum(units * units)::BIGINT AS units_units
    FROM units
),
rates AS (
    SELECT
        after_position,
        name,
        sum(n_visits)::BIGINT AS n_visits,
        sum(hits)::BIGINT AS n_journeys,
        count(person_no) FILTER (hits > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open,
        any_value(n_units) AS n_units,
        sum(hits) / nullif(any_value(n_units), 0) AS share,
        error_of_sums(
            any_value(n_clusters), sum(hits), sum(hits * hits), sum(hits * units), any_value(n_units),
            any_value(units_units)
        ) AS error
    FROM hits JOIN units USING (cluster_no) CROSS JOIN base
    GROUP BY after_position, name
)
SELECT
    coalesce(designed.name::VARCHAR, '(start)') AS "after",
    rates.name::VARCHAR AS name,
    n_visits,
    n_journeys,
    n_people,
    share,
    wilson_low(share, effective_units(share, error, n_units)) AS low,
    wilson_high(share, effective_units(share, error, n_units)) AS high,
    n_open
FROM rates LEFT JOIN designed ON after_position = designed.position
ORDER BY after_position, n_journeys DESC, rates.name;
