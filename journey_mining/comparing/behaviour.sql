-- behaviour: one row per group of people, segment, and name visited, or pair of names that follow each other; rare ones are one.
-- Groups are drawn by a hash of the person, so that they are the same whenever the same people are. Mature journeys only.
-- reads: segments, visits, $n_groups, $n_names, $n_pairs, $seed
WITH moves AS MATERIALIZED (
    SELECT cluster_no, is_a, coalesce(previous_name, '(start)') AS source, name AS target, count(*) AS n_moves
    FROM visits JOIN segments USING (journey_no)
    WHERE NOT is_open
    GROUP BY ALL
),
ranked_names AS (
    SELECT target, row_number() OVER (ORDER BY sum(n_moves) DESC, target) AS rank FROM moves GROUP BY target
),
ranked_pairs AS (
    SELECT source, target, row_number() OVER (ORDER BY sum(n_moves) DESC, source, target) AS rank
    FROM moves
    GROUP BY source, target
),
groups AS (
    SELECT cluster_no, md5_number_lower($seed::VARCHAR || ' ' || cluster_no) % $n_groups AS group_no
    FROM segments
    GROUP BY cluster_no
)
SELECT
    'names' AS "of",
    group_no::BIGINT AS group_no,
    is_a,
    NULL::VARCHAR AS source,
    (CASE WHEN rank <= $n_names THEN target ELSE '(other)' END)::VARCHAR AS target,
    sum(n_moves)::BIGINT AS n_moves
FROM moves JOIN ranked_names USING (target) JOIN groups USING (cluster_no)
GROUP BY ALL
UNION ALL
SELECT
    'transitions',
    group_no::BIGINT,
    is_a,
    (CASE WHEN rank <= $n_pairs THEN source ELSE '(other)' END)::VARCHAR,
    (CASE WHEN rank <= $n_pairs THEN target ELSE '(other)' END)::VARCHAR,
    sum(n_moves)::BIGINT
FROM moves JOIN ranked_pairs USING (source, target) JOIN groups USING (cluster_no)
GROUP BY ALL
ORDER BY ALL;
