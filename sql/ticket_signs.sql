-- ticket_signs: one row per event that shows a ticket opened, answered or resolved.
-- key: event_no
-- partition: event
-- publish: work
-- reads: events, sources
SELECT events.event_no, sources.ticket_namespace || ':' || events.ticket_id AS ticket, events.role, events.person_id, events.occurred_at,
    events.source_rank, events.sequence, events.event_id
FROM events
JOIN sources ON events.source = sources.source
WHERE events.role IN ('ticket_opened', 'first_response', 'resolved');
