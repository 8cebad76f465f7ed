-- shares: one row per cell of a matrix or link of a diagram: how many journeys are in it, and which share of all.
-- key: part, step, source, name
-- Open journeys are in n_open alone. Who has one journey needs no grouping by person: the quick way.
-- Journeys of nobody are clusters of one each, so that a cluster of several is always a person.
-- reads: cells (part, journey_no, step, source, name), centres, journeys
CREATE OR REPLACE TEMP TABLE shares AS
WITH taken AS (
    SELECT journey_no, cluster_no, person_no, is_open
    FROM journeys
    WHERE journey_no IN (SELECT journey_no FROM centres)
),
clusters AS (
    SELECT cluster_no, count(*) FILTER (NOT is_open) AS n_units, count(*) = 1 AS is_alone
    FROM taken
    GROUP BY cluster_no
),
total AS (
    SELECT
        count(*) FILTER (n_units > 0) AS n_clusters,
        sum(n_units) AS n_units,
        sum(n_units * n_units) AS units_units,
        (SELECT count(*) FILTER (NOT is_open) FROM journeys) AS n_all
    FROM clusters
),
members AS (
    SELECT * FROM taken JOIN clusters USING (cluster_no)
),
alone AS (
    SELECT
        part, step, source, name,
        count(*) FILTER (NOT is_open) AS hits,
        count(*) FILTER (is_open) AS n_open,
        count(person_no) FILTER (NOT is_open) AS n_people
    FROM cells JOIN members USING (journey_no)
    WHERE is_alone
    GROUP BY part, step, source, name
),
together AS (
    SELECT
        part, step, source, name, cluster_no,
        any_value(n_units) AS n_units,
        count(*) FILTER (NOT is_open) AS hits,
        count(*) FILTER (is_open) AS n_open
    FROM cells JOIN members USING (journey_no)
    WHERE NOT is_alone
    GROUP BY part, step, source, name, cluster_no
),
found AS (
    SELECT part, step, source, name, hits, hits AS hits_hits, hits AS hits_units, n_open, n_people
    FROM alone
    UNION ALL
    SELECT part, step, source, name, hits, hits * hits, hits * n_units, n_open, (hits > 0)::INTEGER
    FROM together
),
summed AS (
    SELECT
        part, step, source, name,
        sum(hits) AS hits,
        sum(hits_hits) AS hits_hits,
        sum(hits_units) AS hits_units,
        sum(n_open)::BIGINT AS n_open,
        sum(n_people)::BIGINT AS n_people
    FROM found
    GROUP BY part, step, source, name
),
rates AS (
    SELECT
        part, step, source, name,
        hits::BIGINT AS n_journeys,
        n_people, n_open,
        hits / nullif(total.n_units, 0) AS share,
        error_of_sums(n_clusters, hits, hits_hits, hits_units, total.n_units, units_units) AS share_error,
        total.n_units,
        total.n_units / nullif(n_all, 0) AS coverage
    FROM summed, total
)
SELECT
    * EXCLUDE (n_units),
    wilson_low(share, effective_units(share, share_error, n_units)) AS share_low,
    wilson_high(share, effective_units(share, share_error, n_units)) AS share_high
FROM rates;
