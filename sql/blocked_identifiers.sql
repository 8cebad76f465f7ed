-- blocked_identifiers: one row per identifier that landed events carry and the block list names: it counts as absent.
-- key: kind, namespace, value
-- partition: delivery
-- publish: work
-- reads: landed_events, sources, block_list
-- The list names a value in any spelling (case, quotes, blanks, dashes), or one identifier exactly.
WITH seen AS (
    SELECT 'user' AS kind, sources.user_namespace AS namespace, events.user_id AS value
    FROM (SELECT DISTINCT source, user_id FROM landed_events WHERE user_id IS NOT NULL) AS events
    JOIN sources ON events.source = sources.source
    UNION
    SELECT 'device', sources.device_namespace, events.device_id
    FROM (SELECT DISTINCT source, device_id FROM landed_events WHERE device_id IS NOT NULL) AS events
    JOIN sources ON events.source = sources.source
    UNION
    SELECT 'order', sources.order_namespace, events.order_id
    FROM (SELECT DISTINCT source, order_id FROM landed_events WHERE order_id IS NOT NULL) AS events
    JOIN sources ON events.source = sources.source
    UNION
    SELECT 'ticket', sources.ticket_namespace, events.ticket_id
    FROM (SELECT DISTINCT source, ticket_id FROM landed_events WHERE ticket_id IS NOT NULL) AS events
    JOIN sources ON events.source = sources.source
    UNION
    SELECT 'email', '', email_key FROM landed_events WHERE email_key IS NOT NULL
    UNION
    SELECT 'phone', '', phone_key FROM landed_events WHERE phone_key IS NOT NULL
)
SELECT seen.kind, seen.namespace, seen.value
FROM seen
JOIN block_list ON block_list.plain = plain_of(seen.value)
UNION
SELECT seen.kind, seen.namespace, seen.value
FROM seen
JOIN block_list ON block_list.kind = seen.kind AND block_list.namespace = seen.namespace AND block_list.value_text = seen.value
UNION
SELECT seen.kind, seen.namespace, seen.value
FROM seen
WHERE seen.kind = 'email' AND starts_with(seen.value, 'shared-');
