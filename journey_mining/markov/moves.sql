-- moves: one row per cluster and pair of states that follow each other in mature journeys.
-- key: cluster_no, source, target
-- A journey comes from (start), and goes at its finish to its end. milliseconds: from entering the source to entering
-- the target, in all moves together.
-- reads: states, finishes
CREATE TEMP TABLE moves AS
WITH followed AS (
    SELECT
        journey_no, name, entered_at,
        lead(name) OVER in_order AS next_name,
        lead(entered_at) OVER in_order AS next_at
    FROM states
    WINDOW in_order AS (PARTITION BY journey_no ORDER BY place)
),
single AS (
    SELECT
        cluster_no,
        name AS source,
        coalesce(next_name, end_name) AS target,
        epoch_ms(coalesce(next_at, finished_at)) - epoch_ms(entered_at) AS milliseconds
    FROM followed JOIN finishes USING (journey_no)
    WHERE NOT is_open
    UNION ALL
    SELECT cluster_no, '(start)'::name, coalesce(name, end_name), 0
    FROM finishes LEFT JOIN (SELECT journey_no, name FROM states WHERE place = 1) AS firsts USING (journey_no)
    WHERE NOT is_open
)
SELECT cluster_no, source, target, count(*) AS n_moves, sum(milliseconds)::BIGINT AS milliseconds
FROM single
GROUP BY cluster_no, source, target;
