-- touched_subjects: subjects of journeys that are touched, and since when: from the change on, or from the last journey before it, if that
-- reaches to the change.
WITH changed_events AS (
    SELECT event_no, source, session_id, order_id, ticket_id, account_id FROM stale_events
    UNION ALL
    SELECT event_no, source, session_id, order_id, ticket_id, account_id FROM new_events
),
touched AS (
    SELECT definitions.journey, touched_people.person_id AS subject_id, touched_people.since
    FROM touched_people
    JOIN journey_definitions AS definitions ON definitions.subject = 'person'
    UNION
    SELECT definitions.journey,
        CASE definitions.subject
            WHEN 'session' THEN changed_events.session_id
            WHEN 'order' THEN CASE WHEN orders.value IS NULL THEN sources.order_namespace || ':' || changed_events.order_id END
            WHEN 'ticket' THEN CASE WHEN tickets.value IS NULL THEN sources.ticket_namespace || ':' || changed_events.ticket_id END
            WHEN 'account' THEN CASE WHEN accounts.value IS NULL THEN sources.account_namespace || ':' || changed_events.account_id END
        END,
        TIMESTAMP '0001-01-01'
    FROM changed_events
    JOIN sources ON changed_events.source = sources.source
    JOIN journey_definitions AS definitions ON definitions.subject <> 'person'
    LEFT JOIN blocked_identifiers AS orders
        ON orders.kind = 'order' AND orders.namespace = sources.order_namespace AND orders.value = changed_events.order_id
    LEFT JOIN blocked_identifiers AS tickets
        ON tickets.kind = 'ticket' AND tickets.namespace = sources.ticket_namespace AND tickets.value = changed_events.ticket_id
    LEFT JOIN blocked_identifiers AS accounts
        ON accounts.kind = 'account' AND accounts.namespace = sources.account_namespace AND accounts.value = changed_events.account_id
)
SELECT touched.journey, touched.subject_id, coalesce(max(CASE
        WHEN journeys.started_at < touched.since AND plus_seconds(journeys.last_step_at, definitions.gap_seconds) >= touched.since THEN journeys.started_at
    END), min(touched.since)) AS since
FROM touched
JOIN journey_definitions AS definitions ON touched.journey = definitions.journey
LEFT JOIN journeys.main.journeys ON touched.journey = journeys.journey AND touched.subject_id = journeys.subject_id
WHERE touched.subject_id IS NOT NULL
GROUP BY touched.journey, touched.subject_id;
