-- by_person.source_events: stale events, without those taken away, and the new ones.
-- kind: view
SELECT * FROM scratch.by_stream.source_events
UNION ALL BY NAME
SELECT * EXCLUDE (occurred_on, person_id, session_id, touchpoint, role, visit_no)
FROM scratch.main.stale_events
WHERE event_no NOT IN (SELECT event_no FROM scratch.by_stream.source_events) AND event_no NOT IN (SELECT event_no FROM removed_events);
