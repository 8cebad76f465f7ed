-- session_roles: one row per session and role that an event of it plays.
-- key: session_id, role
-- partition: person
-- publish: no
-- reads: events
SELECT DISTINCT session_id, role
FROM events
WHERE session_id IS NOT NULL AND role IS NOT NULL;
