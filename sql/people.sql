-- people: one row per person: one human behind one or more identifiers.
-- key: person_id
-- partition: person
-- reads: visit_facts, session_starts, order_signs, identifiers
WITH seen AS (
    SELECT person_id, min(first_at) AS first_seen_at, max(last_at) AS last_seen_at, CAST(sum(n_events) AS BIGINT) AS n_events,
        count(DISTINCT source) AS n_sources, count(DISTINCT device) AS n_devices
    FROM visit_facts
    GROUP BY person_id
),
visited AS (
    SELECT person_id, count(*) AS n_sessions FROM session_starts GROUP BY person_id
),
ordered AS (
    SELECT person_id, count(DISTINCT unit_id) AS n_orders FROM order_signs GROUP BY person_id
),
named AS (
    SELECT person_id, count(*) AS n_identifiers FROM identifiers WHERE person_id IS NOT NULL GROUP BY person_id
)
SELECT seen.person_id, seen.first_seen_at, seen.last_seen_at, seen.n_events, coalesce(visited.n_sessions, 0) AS n_sessions, seen.n_sources,
    seen.n_devices, coalesce(ordered.n_orders, 0) AS n_orders, named.n_identifiers
FROM seen
JOIN named ON seen.person_id = named.person_id
LEFT JOIN visited ON seen.person_id = visited.person_id
LEFT JOIN ordered ON seen.person_id = ordered.person_id;
