-- order_signs: one row per event of somebody known that shows a purchase, with the order it is a sign of.
-- key: event_no
-- partition: event
-- publish: work
-- reads: events, sources, blocked_identifiers
-- An order id that names nothing counts as absent: the event is then an order by itself.
SELECT events.event_no,
    coalesce(CASE WHEN blocked.value IS NULL THEN sources.order_namespace || ':' || events.order_id END, events.source || ':' || events.event_id) AS unit_id,
    events.person_id, events.occurred_at, events.source_rank, events.sequence, events.event_id
FROM events
JOIN sources ON events.source = sources.source
LEFT JOIN blocked_identifiers AS blocked
    ON blocked.kind = 'order' AND blocked.namespace = sources.order_namespace AND blocked.value = events.order_id
WHERE events.role = 'purchased' AND events.person_id IS NOT NULL;
