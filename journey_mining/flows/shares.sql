-- shares: one row per cell of a matrix or link of a diagram: how many journeys are in it, and which share of all.
-- key: part, step, source, name
-- Open journeys are in n_open and n_people_or_open alone. A person with one journey needs no grouping by person: the quick way.
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
found AS MATERIALIZED (
    SELECT
        part, step, source, name, is_alone,
        CASE WHEN NOT is_alone THEN cluster_no END AS cluster_no,
        any_value(n_units) AS n_units,
        count(*) FILTER (NOT is_open) AS hits,
        count(*) FILTER (is_open) AS n_open,
        count(person_no) FILTER (NOT is_open) AS n_people,
        count(person_no) AS n_people_or_open
    FROM cells JOIN members USING (journey_no)
    GROUP BY ALL
),
summed AS (
    SELECT
        part, step, source, name,
        sum(hits) AS hits,
        sum(CASE WHEN is_alone THEN hits ELSE hits * hits END) AS hits_hits,
        sum(CASE WHEN is_alone THEN hits ELSE hits * n_units END) AS hits_units,
        sum(n_open)::BIGINT AS n_open,
        sum(CASE WHEN is_alone THEN n_people ELSE least(n_people, 1) END)::BIGINT AS n_people,
        sum(CASE WHEN is_alone THEN n_people_or_open ELSE least(n_people_or_open, 1) END)::BIGINT AS n_people_or_open
    FROM found
    GROUP BY part, step, source, name
),
rates AS (
    SELECT
        part, step, source, name,
        hits::BIGINT AS n_journeys,
        n_people, n_people_or_open, n_open,
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
