-- journeys__end_after_they_start: no journey ends before it begins
SELECT journey_id FROM journeys WHERE last_step_at < started_at;
