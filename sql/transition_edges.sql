-- transition_edges: one row per move of a journey: from the start, from stage to stage, into its end.
-- key: journey_id, visit_number
-- partition: none
-- publish: no
-- reads: stage_visits, journey_outcomes
SELECT visits.journey, visits.journey_id, 0 AS visit_number, '(start)' AS from_stage, visits.stage AS to_stage, CAST(NULL AS BIGINT) AS handover_seconds
FROM stage_visits AS visits
WHERE visits.visit_number = 1
UNION ALL
SELECT visits.journey, visits.journey_id, visits.visit_number, visits.stage, coalesce(visits.next_stage, '(' || CASE outcomes.outcome WHEN 'succeeded' THEN 'success' ELSE outcomes.outcome END || ')'), visits.handover_seconds
FROM stage_visits AS visits
JOIN journey_outcomes AS outcomes ON visits.journey_id = outcomes.journey_id;
