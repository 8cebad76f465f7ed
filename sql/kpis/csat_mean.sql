-- csat_mean: one row per rating on a scale of five.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: events, sources
-- title: Mean rating
-- statistic: mean
-- unit: points
-- direction: higher
-- roles: rated
SELECT events.source || ':' || event_id AS unit_id, person_id, sources.ticket_namespace || ':' || ticket_id AS subject_id, occurred_at AS entered_at,
    rating AS value, CAST(NULL AS TIMESTAMP) AS matures_at
FROM events
JOIN sources ON events.source = sources.source
WHERE role = 'rated' AND rating IS NOT NULL AND coalesce(rating_max, 5) = 5;
