-- order_entries: one row per order of somebody known, at the first sign of its purchase.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: events, sources
-- Two sources may see one order under two people; it is the order of whom it was first seen with.
WITH signs AS (
    SELECT coalesce(sources.order_namespace || ':' || events.order_id, events.event_id) AS unit_id, events.person_id, events.occurred_at,
        row_number() OVER (
            PARTITION BY coalesce(sources.order_namespace || ':' || events.order_id, events.event_id)
            ORDER BY events.occurred_at, events.source_rank, events.sequence, events.event_id) AS place
    FROM events
    JOIN sources ON events.source = sources.source
    WHERE events.role = 'purchased' AND events.person_id IS NOT NULL
)
SELECT unit_id, person_id, occurred_at AS entered_at
FROM signs
WHERE place = 1;
