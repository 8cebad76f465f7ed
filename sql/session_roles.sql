-- session_roles: one row per session and role that an event of it plays.
-- key: session_id, role
-- partition: person
-- publish: work
-- since: first_at
-- reads: events
SELECT session_id, role, min(person_id) AS person_id, min(occurred_at) AS first_at
FROM events
WHERE session_id IS NOT NULL AND role IS NOT NULL
GROUP BY session_id, role;
