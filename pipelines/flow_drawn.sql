-- drawn: the ways of one persona, or of everyone, as a diagram of $n_visits columns draws them.
-- key: kind, step, source, target
-- Whoever goes on goes to (more), and from there to its end.  What too few people visited has a new name.
-- reads: ways, new_names (place, name, new_name), $persona, $n_visits
CREATE OR REPLACE TEMP TABLE drawn AS
WITH theirs AS (
    SELECT *, step = $n_visits AND target <> end_name AS goes_on
    FROM ways
    WHERE $persona IN ('(all)', persona) AND step <= $n_visits
),
short AS (
    SELECT kind, n_people, step, source, CASE WHEN goes_on THEN '(more)' ELSE target END AS target, n_journeys FROM theirs
    UNION ALL
    SELECT kind, n_people, step + 1, '(more)', end_name, n_journeys FROM theirs WHERE goes_on
)
SELECT kind, n_people, step, coalesce(sources.new_name, source) AS source, coalesce(targets.new_name, target) AS target,
    CAST(sum(n_journeys) AS BIGINT) AS n_journeys
FROM short
LEFT JOIN new_names AS sources ON short.step = sources.place AND short.source = sources.name
LEFT JOIN new_names AS targets ON short.step + 1 = targets.place AND short.target = targets.name
GROUP BY ALL;

-- drawn_links: one row per way: how many journeys go it, and how many people.  key: step, source, target
-- reads: drawn
CREATE OR REPLACE TEMP TABLE drawn_links AS
SELECT step, source, target, CAST(sum(n_journeys) AS BIGINT) AS n_journeys, CAST(sum(n_people) AS BIGINT) AS n_people
FROM drawn
GROUP BY step, source, target;

-- drawn_nodes: one row per column that is left, and place in the next: how many people come there.  key: step, target
-- reads: drawn
CREATE OR REPLACE TEMP TABLE drawn_nodes AS
SELECT step, target, CAST(sum(n_people) AS BIGINT) AS n_people
FROM (SELECT DISTINCT step, target, kind, n_people FROM drawn)
GROUP BY step, target;
