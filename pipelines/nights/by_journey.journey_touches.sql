-- by_journey.journey_touches: the touches of touched subjects.
SELECT touches.*
FROM scratch.by_unit.journey_touches AS touches
JOIN touched_subjects AS touched
    ON touches.journey = touched.journey AND touches.subject_id = touched.subject_id AND touches.occurred_at >= touched.since;
