-- people: one row per person: one human behind one or more identifiers.
-- key: person_id
-- partition: person
-- reads: events, identifiers
WITH seen AS (
    SELECT person_id, min(occurred_at) AS first_seen_at, max(occurred_at) AS last_seen_at, count(*) AS n_events,
        count(DISTINCT session_id) AS n_sessions, count(DISTINCT source) AS n_sources, count(DISTINCT device_id) AS n_devices,
        count(DISTINCT CASE WHEN role = 'purchased' THEN coalesce(order_id, event_id) END) AS n_orders
    FROM events
    WHERE person_id IS NOT NULL
    GROUP BY person_id
),
named AS (
    SELECT person_id, count(*) AS n_identifiers
    FROM identifiers
    GROUP BY person_id
)
SELECT seen.*, named.n_identifiers
FROM seen
JOIN named ON seen.person_id = named.person_id;
