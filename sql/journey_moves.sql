-- journey_moves: one row per journey and move: how often it moves from the start, from stage to stage, and into its end.
-- key: journey_id, from_stage, to_stage
-- partition: cluster
-- publish: no
-- reads: stage_visits
-- to_stage is NULL where the journey ends: what became of it is not known here.
SELECT journey_id, '(start)' AS from_stage, stage AS to_stage, 1 AS n
FROM stage_visits
WHERE visit_number = 1
UNION ALL
SELECT journey_id, stage, next_stage, count(*)
FROM stage_visits
GROUP BY journey_id, stage, next_stage;
