-- variants: one row per path that whole journeys took, and one for all that are not told.  key: path
-- A path is the list of a journey's visits. Counts, shares and seconds are of mature journeys; n_open of open ones.
-- Paths are told apart by a number, the sum of a hash per visit, at a fifth of the cost of lists. That any two of a
-- million paths share theirs has a chance below 1 in 10 million.
-- reads: visits, journeys, $top
WITH taken AS MATERIALIZED (
    SELECT cluster_no, outcome, is_open, started_at, ended_at, journey_no, path_key
    FROM journeys JOIN (
        SELECT journey_no, sum(hash(visit_number::BIGINT << 32 | enum_code(name))) AS path_key
        FROM visits
        GROUP BY journey_no
    ) AS keys USING (journey_no)
),
paths AS MATERIALIZED (
    SELECT path_key, count(*) FILTER (NOT is_open) AS units, min(journey_no) AS journey_no
    FROM taken
    GROUP BY path_key
),
-- Those that may be told: of what is equally frequent, the first in the alphabet.
candidates AS MATERIALIZED (
    SELECT * FROM paths QUALIFY rank() OVER (ORDER BY units DESC) <= $top
),
told AS MATERIALIZED (
    SELECT path_key, path, row_number() OVER (ORDER BY units DESC, path) AS rank
    FROM candidates JOIN (
        SELECT journey_no, list(name ORDER BY visit_number) AS path
        FROM visits SEMI JOIN candidates USING (journey_no)
        GROUP BY journey_no
    ) AS lists USING (journey_no)
    QUALIFY row_number() OVER (ORDER BY units DESC, path) <= $top
),
ranked AS MATERIALIZED (
    SELECT taken.*, coalesce(rank, $top + 1) AS rank FROM taken LEFT JOIN told USING (path_key)
),
-- A person may have gone several of the paths that are not told.
clusters AS MATERIALIZED (
    SELECT
        rank,
        cluster_no,
        count(*) FILTER (NOT is_open) AS units,
        count(*) FILTER (outcome = 'succeeded') AS hits,
        count(outcome) > 0 AS has_outcome,
        count(*) FILTER (is_open) AS n_open
    FROM ranked
    GROUP BY rank, cluster_no
),
rates AS (
    SELECT
        rank,
        sum(units)::BIGINT AS n_journeys,
        count(*) FILTER (units > 0 AND cluster_no > 0) AS n_people,
        sum(n_open)::BIGINT AS n_open
    FROM clusters
    GROUP BY rank
),
successes AS (
    SELECT rank, sum(hits) / nullif(sum(units), 0) AS rate, clustered_error(hits, units) AS error
    FROM clusters
    WHERE has_outcome
    GROUP BY rank
),
times AS (
    SELECT rank, quantile_cont((epoch_us(ended_at) - epoch_us(started_at)) / 1e6, 0.5) AS seconds
    FROM ranked
    WHERE NOT is_open
    GROUP BY rank
)
SELECT
    coalesce(path::VARCHAR[], ['(other)']) AS path,
    CASE WHEN path IS NULL THEN (SELECT count(*) FROM paths) - (SELECT count(*) FROM told) ELSE 1 END AS n_variants,
    n_journeys,
    n_people,
    n_journeys / nullif(sum(n_journeys) OVER (), 0) AS share,
    sum(n_journeys) OVER (ORDER BY rates.rank) / nullif(sum(n_journeys) OVER (), 0) AS cumulative_share,
    rate AS success_rate,
    wilson_low(rate, effective_units(rate, error, n_journeys)) AS success_low,
    wilson_high(rate, effective_units(rate, error, n_journeys)) AS success_high,
    seconds AS median_seconds,
    n_open
FROM rates LEFT JOIN told USING (rank) LEFT JOIN successes USING (rank) LEFT JOIN times USING (rank)
ORDER BY rates.rank;
