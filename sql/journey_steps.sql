-- journey_steps: one row per step: a touch within a journey, numbered.
-- key: journey_id, step_number
-- partition: journey
-- reads: touch_bouts, bout_journeys
SELECT touches.journey, bouts.journey_id, touches.touch_number - bouts.first_touch_number + 1 AS step_number,
    touches.n_moves - bouts.first_n_moves + 1 AS visit_number,
    touches.subject_id, touches.person_id, touches.session_id, touches.event_no, touches.event_id, touches.occurred_at,
    touches.stage, touches.stage_position, touches.touchpoint, touches.channel, touches.order_key, touches.is_success, touches.is_tied
FROM touch_bouts AS touches
JOIN bout_journeys AS bouts ON touches.journey = bouts.journey AND touches.bout_no = bouts.bout_no;
