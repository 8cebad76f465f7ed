-- search_success_rate: one row per search.
-- key: unit_id
-- partition: person
-- since: entered_at
-- publish: no
-- reads: events, kpi_targets
-- title: Search success
-- statistic: rate
-- unit: share
-- direction: higher
-- roles: searched, product_viewed
-- window: 5m
-- Successful: the person views a product before the next search and within five minutes.
WITH looks AS (
    SELECT person_id, source, event_id, role, occurred_at,
        lead(role) OVER following AS next_role,
        lead(occurred_at) OVER following AS next_at
    FROM events
    WHERE role IN ('searched', 'product_viewed') AND person_id IS NOT NULL AND NOT is_passive
    WINDOW following AS (PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id)
)
SELECT looks.source || ':' || looks.event_id AS unit_id, looks.person_id, CAST(NULL AS VARCHAR) AS subject_id, looks.occurred_at AS entered_at,
    CASE WHEN looks.next_role = 'product_viewed' AND looks.next_at <= plus_seconds(looks.occurred_at, targets.window_seconds) THEN 1 ELSE 0 END AS value,
    plus_seconds(looks.occurred_at, targets.window_seconds) AS matures_at
FROM looks
JOIN kpi_targets AS targets ON targets.kpi = 'search_success_rate'
WHERE looks.role = 'searched';
