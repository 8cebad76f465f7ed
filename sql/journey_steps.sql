-- journey_steps: one row per step: a touch within a journey, numbered.
-- key: journey_id, step_number
-- partition: journey
-- reads: touch_bouts, bout_journeys, stages, events, sources, blocked_identifiers
SELECT bouts.journey, bouts.journey_id, touches.touch_number - bouts.first_touch_number + 1 AS step_number,
    touches.n_moves - bouts.first_n_moves + 1 AS visit_number,
    bouts.subject_id, events.person_id, events.session_id, events.event_no, events.event_id, touches.occurred_at,
    stages.stage, touches.stage_position, events.touchpoint, events.channel,
    CASE WHEN orders.value IS NULL THEN sources.order_namespace || ':' || events.order_id END AS order_key,
    touches.is_success, touches.is_tied
FROM touch_bouts AS touches
JOIN bout_journeys AS bouts ON touches.journey_position = bouts.journey_position AND touches.bout_no = bouts.bout_no
JOIN stages ON bouts.journey = stages.journey AND touches.stage_position = stages.position
JOIN events ON touches.event_no = events.event_no
JOIN sources ON events.source = sources.source
LEFT JOIN blocked_identifiers AS orders
    ON orders.kind = 'order' AND orders.namespace = sources.order_namespace AND orders.value = events.order_id;
