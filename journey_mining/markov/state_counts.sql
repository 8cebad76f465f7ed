-- state_counts: one row per state, (start) first: how many mature journeys and people were in it, and how often.
-- key: name
-- reads: states, finishes
WITH by_journey AS (
    SELECT name, person_no, is_open, count(*) AS n_visits
    FROM states JOIN finishes USING (journey_no)
    GROUP BY name, person_no, is_open, journey_no
    UNION ALL
    SELECT '(start)'::name, person_no, is_open, 1 FROM finishes
),
by_person AS (
    SELECT
        name, person_no,
        coalesce(sum(n_visits) FILTER (NOT is_open), 0) AS n_visits,
        count(*) FILTER (NOT is_open) AS n_journeys,
        count(*) FILTER (is_open) AS n_open
    FROM by_journey
    GROUP BY name, person_no
)
SELECT
    name::VARCHAR AS name,
    sum(n_visits)::BIGINT AS n_visits,
    sum(n_journeys)::BIGINT AS n_journeys,
    count(person_no) FILTER (n_journeys > 0) AS n_people,
    sum(n_open)::BIGINT AS n_open
FROM by_person
GROUP BY name
ORDER BY name = '(start)' DESC, n_journeys DESC, n_open DESC, name;
