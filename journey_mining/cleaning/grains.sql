-- grains: one row per grain, the coarsest first: person, journey, session.  key: grain
-- n_steps_without: steps that are in none.  n_crossing: how many lie in several of the grain above; crossing: one of them.
-- reads: journeys, session_steps (journey_no, session_id), $has_sessions
WITH sessions AS MATERIALIZED (
    SELECT session_id, min(journey_no) < max(journey_no) AS is_crossing, count(*) AS n_steps
    FROM session_steps
    GROUP BY session_id
)
SELECT
    'person' AS grain,
    count(DISTINCT person_no) AS n,
    coalesce(sum(n_steps) FILTER (person_no IS NULL), 0)::BIGINT AS n_steps_without,
    0::BIGINT AS n_crossing,
    NULL::VARCHAR AS crossing
FROM journeys
UNION ALL
SELECT 'journey', count(*), 0, 0, NULL FROM journeys
UNION ALL
SELECT
    'session',
    count(session_id),
    coalesce(sum(n_steps) FILTER (session_id IS NULL), 0)::BIGINT,
    count(session_id) FILTER (is_crossing),
    min(session_id) FILTER (is_crossing)
FROM sessions
HAVING $has_sessions;
