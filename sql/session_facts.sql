-- session_facts: one row per session, with what was known of the person when it began.
-- key: session_id
-- partition: person
-- publish: no
-- reads: events, sources
WITH placed AS (
    SELECT session_id, person_id, occurred_at, source, touchpoint, channel, page_path, device_type, country,
        campaign_source, campaign_medium, campaign_name, referrer_host,
        row_number() OVER (PARTITION BY session_id ORDER BY occurred_at, source_rank, sequence, event_id) AS place
    FROM events
    WHERE session_id IS NOT NULL
),
orders AS (
    -- Each order once, at its first sign.
    SELECT events.person_id, min(events.occurred_at) AS at_time
    FROM events
    JOIN sources ON events.source = sources.source
    WHERE events.role = 'purchased' AND events.person_id IS NOT NULL
    GROUP BY events.person_id, coalesce(sources.order_namespace || ':' || events.order_id, events.event_id)
),
history AS (
    -- What comes first at one instant is the session: its own order is not an earlier one.
    SELECT person_id, occurred_at AS at_time, 0 AS is_order, session_id FROM placed WHERE place = 1
    UNION ALL
    SELECT person_id, at_time, 1, NULL FROM orders
),
counted AS (
    SELECT session_id,
        sum(is_order) OVER (PARTITION BY person_id ORDER BY at_time, is_order, session_id) AS n_earlier_orders,
        sum(1 - is_order) OVER (PARTITION BY person_id ORDER BY at_time, is_order, session_id) - 1 AS n_earlier_sessions
    FROM history
)
SELECT placed.* EXCLUDE (place, occurred_at), placed.occurred_at AS started_at,
    CAST(counted.n_earlier_orders AS BIGINT) AS n_earlier_orders, CAST(counted.n_earlier_sessions AS BIGINT) AS n_earlier_sessions
FROM placed
JOIN counted ON placed.session_id = counted.session_id
WHERE placed.place = 1;
