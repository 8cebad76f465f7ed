-- order_entries: one row per order of a person, at the first sign of its purchase.
-- key: unit_id
-- partition: person
-- publish: no
-- reads: events, sources
SELECT coalesce(sources.order_namespace || ':' || events.order_id, events.event_id) AS unit_id, events.person_id, min(events.occurred_at) AS entered_at
FROM events
JOIN sources ON events.source = sources.source
WHERE events.role = 'purchased' AND events.person_id IS NOT NULL
GROUP BY coalesce(sources.order_namespace || ':' || events.order_id, events.event_id), events.person_id;
