-- sankey_links: one row per pair of nodes in neighbouring columns.  key: step, source, target
-- Column 0 is (start); column k is a journey's k-th visit; an ended journey leaves at the next column; what goes on
-- after the last column goes to (more). Per column the largest names stay, the others are (other).
-- reads: visits, journeys, $max_steps, $top
WITH seen AS MATERIALIZED (
    SELECT * FROM visits JOIN journeys USING (journey_no)
),
ranked AS (
    SELECT visit_number, name, row_number() OVER (PARTITION BY visit_number ORDER BY count(*) DESC, name) AS rank
    FROM seen
    WHERE visit_number <= $max_steps
    GROUP BY visit_number, name
),
nodes AS (
    SELECT journey_no, 0 AS step, '(start)'::name AS name
    FROM journeys
    UNION ALL
    SELECT journey_no, visit_number, CASE WHEN rank <= $top THEN name ELSE '(other)' END
    FROM seen JOIN ranked USING (visit_number, name)
    UNION ALL
    SELECT
        journey_no,
        least(visit_number, $max_steps) + 1,
        CASE WHEN visit_number <= $max_steps THEN end_name ELSE '(more)' END
    FROM seen
    WHERE is_last
),
links AS (
    SELECT step, name AS source, lead(name) OVER (PARTITION BY journey_no ORDER BY step) AS target
    FROM nodes
)
SELECT step::BIGINT AS step, source::VARCHAR AS source, target::VARCHAR AS target, count(*) AS n_journeys
FROM links
WHERE target IS NOT NULL
GROUP BY links.step, links.source, links.target
ORDER BY links.step, n_journeys DESC, links.source, links.target;
