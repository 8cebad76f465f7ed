-- paths: one row per mature journey: whose it is, the stages of its first visits, and how it ended.
-- A journey that no person is known for counts as a person of its own.
-- reads: stage_visits, journey_outcomes, $journey, $max_visits
CREATE OR REPLACE TEMP TABLE paths AS
WITH visited AS (
    SELECT journey_id, list(stage ORDER BY visit_number) AS path
    FROM stage_visits
    WHERE journey = $journey AND visit_number <= $max_visits + 1
    GROUP BY journey_id
)
SELECT coalesce(outcomes.person_id, outcomes.journey_id) AS person, outcomes.persona, visited.path,
    '(' || CASE outcomes.outcome WHEN 'succeeded' THEN 'success' ELSE outcomes.outcome END || ')' AS end_name
FROM visited
JOIN journey_outcomes AS outcomes ON visited.journey_id = outcomes.journey_id
WHERE outcomes.is_mature;

-- ways: one row per kind of people, persona and way from a column to the next: how many mature journeys go it.
-- key: kind, persona, step, source, target, end_name
-- Column 0 is (start), column k a journey's k-th stage visit; an ended journey leaves at the next column. Who still goes
-- on after $max_visits of them: what became of it is in end_name, on every way of the journey.
-- People whose journeys took the same paths are of one kind: they are counted alike, and kinds are few.
-- reads: paths, $max_visits
CREATE OR REPLACE TEMP TABLE ways AS
WITH numbered AS MATERIALIZED (
    SELECT row_number() OVER () AS path_no, persona, path, end_name FROM paths GROUP BY persona, path, end_name
),
people AS (
    SELECT person, list_sort(list(path_no)) AS path_nos
    FROM paths
    JOIN numbered USING (persona, path, end_name)
    GROUP BY person
),
kinds AS (
    SELECT row_number() OVER () AS kind, count(*) AS n_people, path_nos FROM people GROUP BY path_nos
),
journeys AS (
    SELECT kind, n_people, unnest(path_nos) AS path_no FROM kinds
),
steps AS (
    SELECT kind, n_people, persona, path, end_name, unnest(range(0, least(len(path), $max_visits) + 1)) AS step
    FROM journeys
    JOIN numbered USING (path_no)
)
SELECT kind, n_people, persona, step, CASE WHEN step = 0 THEN '(start)' ELSE path[step] END AS source,
    coalesce(path[step + 1], end_name) AS target, end_name, CAST(sum(n_people) AS BIGINT) AS n_journeys
FROM steps
GROUP BY kind, n_people, persona, step, source, target, end_name;

DROP TABLE paths;
