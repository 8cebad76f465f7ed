-- by_stream.source_events: the events of restarted visits, without those taken away, and the new ones.
SELECT * FROM source_events
UNION ALL BY NAME
SELECT events.* EXCLUDE (occurred_on, person_id, session_id, touchpoint, role, visit_no)
FROM events
JOIN restarted_visits ON events.visit_no = restarted_visits.visit_no
LEFT JOIN removed_events ON events.event_no = removed_events.event_no
WHERE removed_events.event_no IS NULL;
