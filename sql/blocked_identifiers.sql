-- blocked_identifiers: one row per identifier that landed events carry and the block list names: it counts as absent.
-- key: kind, namespace, value
-- partition: delivery
-- publish: work
-- reads: landed_events, sources, block_list
-- The list names a value in any spelling (case, quotes, blanks, width of letters), or one identifier exactly.
WITH landed AS (
    SELECT DISTINCT source, user_id, device_id, order_id, ticket_id, account_id, email_key, phone_key FROM landed_events
),
seen AS (
    SELECT 'user' AS kind, sources.user_namespace AS namespace, landed.user_id AS value
    FROM landed
    JOIN sources ON landed.source = sources.source
    UNION
    SELECT 'device', sources.device_namespace, landed.device_id
    FROM landed
    JOIN sources ON landed.source = sources.source
    UNION
    SELECT 'order', sources.order_namespace, landed.order_id
    FROM landed
    JOIN sources ON landed.source = sources.source
    UNION
    SELECT 'ticket', sources.ticket_namespace, landed.ticket_id
    FROM landed
    JOIN sources ON landed.source = sources.source
    UNION
    SELECT 'account', sources.account_namespace, landed.account_id
    FROM landed
    JOIN sources ON landed.source = sources.source
    UNION
    SELECT 'email', '', email_key FROM landed
    UNION
    SELECT 'phone', '', phone_key FROM landed
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
