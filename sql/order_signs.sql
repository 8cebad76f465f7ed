-- order_signs: one row per event of somebody known that shows a purchase, with the order it is a sign of.
-- key: event_no
-- partition: event
-- publish: work
-- reads: events, sources
SELECT events.event_no, coalesce(sources.order_namespace || ':' || events.order_id, events.source || ':' || events.event_id) AS unit_id, events.person_id,
    events.occurred_at, events.source_rank, events.sequence, events.event_id
FROM events
JOIN sources ON events.source = sources.source
WHERE events.role = 'purchased' AND events.person_id IS NOT NULL;
