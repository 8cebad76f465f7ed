-- session_facts: one row per session, with what was known of the person when it began.
-- key: session_id
-- partition: person
-- publish: no
-- reads: session_starts, order_signs
WITH history AS (
    -- What comes first at one instant is the session: its own order is not an earlier one.
    SELECT person_id, started_at AS at_time, 0 AS is_order, session_id FROM session_starts
    UNION ALL
    -- Each order once, at its first sign.
    SELECT person_id, min(occurred_at), 1, unit_id FROM order_signs GROUP BY person_id, unit_id
),
counted AS (
    SELECT session_id, is_order,
        sum(is_order) OVER (PARTITION BY person_id ORDER BY at_time, is_order, session_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n_earlier_orders,
        sum(1 - is_order) OVER (PARTITION BY person_id ORDER BY at_time, is_order, session_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 1 AS n_earlier_sessions
    FROM history
)
SELECT session_starts.*, CAST(counted.n_earlier_orders AS BIGINT) AS n_earlier_orders, CAST(counted.n_earlier_sessions AS BIGINT) AS n_earlier_sessions
FROM session_starts
JOIN counted ON session_starts.session_id = counted.session_id AND counted.is_order = 0;
