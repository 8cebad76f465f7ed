-- after_dropoff: one row per stage that attempts were lost at and what came next, the most frequent first.
-- key: position, next
-- reads: ended, $top
WITH lost AS (
    SELECT depth, stage, next, cluster_no, person_no
    FROM ended
    WHERE NOT is_converted AND NOT is_open
),
ranked AS (
    SELECT depth, next, row_number() OVER (PARTITION BY depth ORDER BY count(*) DESC, next) AS rank
    FROM lost
    GROUP BY depth, next
),
told AS (
    SELECT depth, stage, CASE WHEN rank <= $top THEN next ELSE '(other)' END AS next, cluster_no, person_no
    FROM lost JOIN ranked USING (depth, next)
),
people AS (
    SELECT depth, cluster_no, person_no, count(*) AS n_units FROM told GROUP BY ALL
),
done AS (
    SELECT depth, next, cluster_no, count(*) AS n_hits FROM told GROUP BY ALL
),
clusters AS (
    SELECT ways.depth, stage, ways.next, person_no, n_units, coalesce(n_hits, 0) AS n_hits
    FROM (SELECT DISTINCT depth, stage, next FROM told) AS ways
    JOIN people ON people.depth = ways.depth
    LEFT JOIN done ON done.depth = ways.depth AND done.next = ways.next AND done.cluster_no = people.cluster_no
),
rates AS (
    SELECT
        depth, stage, next,
        sum(n_units) AS n_units,
        sum(n_hits)::BIGINT AS n_entries,
        count(person_no) FILTER (n_hits > 0) AS n_people,
        sum(n_hits) / sum(n_units) AS share,
        clustered_error(n_hits, n_units) AS error
    FROM clusters
    GROUP BY depth, stage, next
)
SELECT
    stage,
    depth::BIGINT AS position,
    next,
    n_entries,
    n_people,
    share,
    wilson_low(share, effective_units(share, error, n_units)) AS low,
    wilson_high(share, effective_units(share, error, n_units)) AS high
FROM rates
ORDER BY position, next = '(other)', n_entries DESC, next;
