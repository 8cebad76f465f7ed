-- repeat_purchase_rate: one row per person who ever ordered, entered with the first order.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: order_entries, kpi_targets
-- title: Repeat purchase
-- statistic: rate
-- unit: share
-- direction: higher
-- roles: purchased
-- window: 90d
-- Repeated: a second order within 90 days after the first.
WITH looks AS (
    SELECT person_id, unit_id, entered_at,
        row_number() OVER by_person AS place,
        lead(entered_at) OVER by_person AS next_order_at
    FROM order_entries
    WINDOW by_person AS (PARTITION BY person_id ORDER BY entered_at, unit_id)
)
SELECT looks.unit_id, looks.person_id, looks.unit_id AS subject_id, looks.entered_at,
    CASE WHEN looks.next_order_at <= plus_seconds(looks.entered_at, targets.window_seconds) THEN 1 ELSE 0 END AS value,
    plus_seconds(looks.entered_at, targets.window_seconds) AS matures_at
FROM looks
JOIN kpi_targets AS targets ON targets.kpi = 'repeat_purchase_rate'
WHERE looks.place = 1;
