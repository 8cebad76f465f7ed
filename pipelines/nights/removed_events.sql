-- removed_events: events that a new version of their record, or its withdrawal, takes away.
SELECT events.event_no, events.visit_no, events.person_id, events.occurred_at
FROM events
JOIN outdated_records ON events.load_seq = outdated_records.load_seq AND events.line_no = outdated_records.line_no
WHERE events.record_id IS NOT NULL;
