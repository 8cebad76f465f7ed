-- order_entries: one row per order of somebody known, at the first sign of its purchase.
-- key: unit_id
-- partition: none
-- publish: work
-- reads: order_signs
-- Two sources may see one order under two people; it is the order of whom it was first seen with.
WITH placed AS (
    SELECT unit_id, person_id, occurred_at,
        row_number() OVER (PARTITION BY unit_id ORDER BY occurred_at, source_rank, sequence, event_id) AS place
    FROM order_signs
)
SELECT unit_id, person_id, occurred_at AS entered_at
FROM placed
WHERE place = 1;
