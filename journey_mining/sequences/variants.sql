-- variants: one row per path that whole journeys took, and one for all that are not told.  key: path
-- A path is the list of a journey's visits. Counts, shares and seconds are of mature journeys; n_open of open ones.
-- reads: visits, journeys, $top
WITH paths AS MATERIALIZED (
    SELECT journey_no, list(name ORDER BY visit_number) AS path FROM visits GROUP BY journey_no
),
by_cluster AS (
    SELECT
        path, cluster_no,
        count(*) FILTER (NOT is_open) AS units,
        count(*) FILTER (outcome = 'succeeded') AS hits,
        count(outcome) > 0 AS has_outcome,
        count(*) FILTER (is_open) AS n_open
    FROM paths JOIN journeys USING (journey_no)
    GROUP BY path, cluster_no
),
ranked AS MATERIALIZED (
    SELECT path, row_number() OVER (ORDER BY sum(units) DESC, path) AS rank
    FROM by_cluster
    GROUP BY path
),
told AS MATERIALIZED (SELECT path, rank FROM ranked WHERE rank <= $top),
rates AS (
    SELECT
        coalesce(rank, $top + 1) AS rank,
        coalesce(told.path, ['(other)'::name]) AS path,
        count(DISTINCT by_cluster.path) AS n_variants,
        sum(units)::BIGINT AS n_journeys,
        count(DISTINCT cluster_no) FILTER (units > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open
    FROM by_cluster LEFT JOIN told USING (path)
    GROUP BY rank, told.path
),
-- A person may have gone several of the paths that are not told.
clusters AS (
    SELECT
        coalesce(rank, $top + 1) AS rank, cluster_no, bool_or(has_outcome) AS has_outcome,
        sum(units)::BIGINT AS units, sum(hits)::BIGINT AS hits
    FROM by_cluster LEFT JOIN told USING (path)
    GROUP BY rank, cluster_no
),
successes AS (
    SELECT rank, sum(hits) / nullif(sum(units), 0) AS rate, clustered_error(hits, units) AS error
    FROM clusters
    WHERE has_outcome
    GROUP BY rank
),
times AS (
    SELECT coalesce(rank, $top + 1) AS rank, quantile_cont((epoch_us(ended_at) - epoch_us(started_at)) / 1e6, 0.5) AS seconds
    FROM paths JOIN journeys USING (journey_no) LEFT JOIN told USING (path)
    WHERE NOT is_open
    GROUP BY ALL
)
SELECT
    path::VARCHAR[] AS path,
    n_variants,
    n_journeys,
    n_people,
    n_journeys / nullif(sum(n_journeys) OVER (), 0) AS share,
    sum(n_journeys) OVER (ORDER BY rates.rank) / nullif(sum(n_journeys) OVER (), 0) AS cumulative_share,
    rate AS success_rate,
    wilson_low(rate, effective_units(rate, error, n_journeys)) AS success_low,
    wilson_high(rate, effective_units(rate, error, n_journeys)) AS success_high,
    seconds AS median_seconds,
    n_open
FROM rates LEFT JOIN successes USING (rank) LEFT JOIN times USING (rank)
ORDER BY rates.rank;
