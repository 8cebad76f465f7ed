-- people: one row per person: one human behind one or more identifiers.
-- key: person_id
-- partition: person
-- reads: events, identifiers, sources
WITH seen AS (
    SELECT events.person_id, min(events.occurred_at) AS first_seen_at, max(events.occurred_at) AS last_seen_at, count(*) AS n_events,
        count(DISTINCT events.session_id) AS n_sessions, count(DISTINCT events.source) AS n_sources,
        count(DISTINCT sources.device_namespace || ':' || events.device_id) AS n_devices,
        count(DISTINCT CASE WHEN events.role = 'purchased'
            THEN coalesce(sources.order_namespace || ':' || events.order_id, events.event_id) END) AS n_orders
    FROM events
    JOIN sources ON events.source = sources.source
    WHERE events.person_id IS NOT NULL
    GROUP BY events.person_id
),
named AS (
    SELECT person_id, count(*) AS n_identifiers
    FROM identifiers
    GROUP BY person_id
)
SELECT seen.*, named.n_identifiers
FROM seen
JOIN named ON seen.person_id = named.person_id;
