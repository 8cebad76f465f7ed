-- ticket_signs: one row per event that shows a ticket opened, answered or resolved.
-- key: event_no
-- partition: event
-- publish: work
-- reads: events, sources, blocked_identifiers
-- A ticket id that names nothing counts as absent.
SELECT events.event_no, CASE WHEN blocked.value IS NULL THEN sources.ticket_namespace || ':' || events.ticket_id END AS ticket, events.role,
    events.person_id, events.occurred_at, events.source_rank, events.sequence, events.event_id
FROM events
JOIN sources ON events.source = sources.source
LEFT JOIN blocked_identifiers AS blocked
    ON blocked.kind = 'ticket' AND blocked.namespace = sources.ticket_namespace AND blocked.value = events.ticket_id
WHERE events.role IN ('ticket_opened', 'first_response', 'resolved');
