-- identified_events: one row per event that counts, with the identifiers on it that are not blocked.
-- key: event_no
-- partition: delivery
-- publish: no
-- kind: view
-- reads: source_events, sources, blocked_identifiers
-- The login is the strongest of user, e-mail and phone.  The stream is what tells which events follow each other before
-- anything else is known: the device; without one, and for what the person did not do, the login; else the order or ticket.
WITH clean AS (
    SELECT events.event_no, events.event_id, events.occurred_at, events.source_rank, events.sequence, events.is_passive,
        CASE WHEN users.value IS NULL THEN 'user:' || sources.user_namespace || ':' || events.user_id END AS user_identifier,
        CASE WHEN emails.value IS NULL THEN 'email:' || events.email_key END AS email_identifier,
        CASE WHEN phones.value IS NULL THEN 'phone:' || events.phone_key END AS phone_identifier,
        CASE WHEN devices.value IS NULL AND events.device_id IS NOT NULL THEN 'device:' || sources.device_namespace || ':' END AS device_space,
        events.device_id,
        CASE WHEN orders.value IS NULL THEN 'order:' || sources.order_namespace || ':' || events.order_id END AS order_identifier,
        CASE WHEN tickets.value IS NULL THEN 'ticket:' || sources.ticket_namespace || ':' || events.ticket_id END AS ticket_identifier
    FROM source_events AS events
    JOIN sources ON events.source = sources.source
    LEFT JOIN blocked_identifiers AS users
        ON users.kind = 'user' AND users.namespace = sources.user_namespace AND users.value = events.user_id
    LEFT JOIN blocked_identifiers AS emails ON emails.kind = 'email' AND emails.value = events.email_key
    LEFT JOIN blocked_identifiers AS phones ON phones.kind = 'phone' AND phones.value = events.phone_key
    LEFT JOIN blocked_identifiers AS devices
        ON devices.kind = 'device' AND devices.namespace = sources.device_namespace AND devices.value = events.device_id
    LEFT JOIN blocked_identifiers AS orders
        ON orders.kind = 'order' AND orders.namespace = sources.order_namespace AND orders.value = events.order_id
    LEFT JOIN blocked_identifiers AS tickets
        ON tickets.kind = 'ticket' AND tickets.namespace = sources.ticket_namespace AND tickets.value = events.ticket_id
)
SELECT event_no, event_id, occurred_at, source_rank, sequence, is_passive, user_identifier, email_identifier, phone_identifier,
    order_identifier, ticket_identifier, coalesce(user_identifier, email_identifier, phone_identifier) AS login,
    CASE
        WHEN device_space IS NULL OR (is_passive AND coalesce(user_identifier, email_identifier, phone_identifier) IS NOT NULL) THEN ''
        ELSE device_space
    END AS stream_space,
    CASE
        WHEN device_space IS NULL OR (is_passive AND coalesce(user_identifier, email_identifier, phone_identifier) IS NOT NULL)
            THEN coalesce(user_identifier, email_identifier, phone_identifier, order_identifier, ticket_identifier)
        ELSE device_id
    END AS stream
FROM clean;
