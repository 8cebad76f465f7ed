-- counted.stage_visits: the stages that those journeys visited.
SELECT journey_id, visit_number, stage, next_stage, stay_seconds, handover_seconds
FROM stage_visits
WHERE journey_id IN (SELECT journey_id FROM journey_outcomes);
