-- csat_score: one row per rating.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: events, sources
-- title: Satisfied customers
-- statistic: rate
-- unit: share
-- direction: higher
-- roles: rated
-- Satisfied: the rating is among the top two of five; on another scale, at least four fifths of the most.
SELECT events.source || ':' || event_id AS unit_id, person_id, sources.ticket_namespace || ':' || ticket_id AS subject_id, occurred_at AS entered_at,
    CASE WHEN rating >= 0.8 * coalesce(rating_max, 5) THEN 1 ELSE 0 END AS value,
    CAST(NULL AS TIMESTAMP) AS matures_at
FROM events
JOIN sources ON events.source = sources.source
WHERE role = 'rated' AND rating IS NOT NULL;
