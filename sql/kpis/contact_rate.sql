-- contact_rate: one row per order.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: order_entries, ticket_signs, kpi_targets
-- title: Contact rate
-- statistic: rate
-- unit: share
-- direction: lower
-- roles: purchased, ticket_opened
-- window: 14d
-- In contact: the same person opens a ticket within 14 days after the order.
WITH moments AS (
    SELECT person_id, entered_at AS at_time, 1 AS is_order, unit_id FROM order_entries
    UNION ALL
    SELECT person_id, occurred_at, 0, event_id FROM ticket_signs WHERE role = 'ticket_opened' AND person_id IS NOT NULL
),
looks AS (
    SELECT *, min(CASE WHEN is_order = 0 THEN at_time END) OVER (
        PARTITION BY person_id ORDER BY at_time, is_order DESC, unit_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_ticket_at
    FROM moments
)
SELECT looks.unit_id, looks.person_id, looks.unit_id AS subject_id, looks.at_time AS entered_at,
    CASE WHEN looks.next_ticket_at <= plus_seconds(looks.at_time, targets.window_seconds) THEN 1 ELSE 0 END AS value,
    plus_seconds(looks.at_time, targets.window_seconds) AS matures_at
FROM looks
JOIN kpi_targets AS targets ON targets.kpi = 'contact_rate'
WHERE looks.is_order = 1;
