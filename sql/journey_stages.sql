-- journey_stages: one row per journey and stage that it visited: how often.
-- key: journey_id, stage
-- partition: journey
-- publish: work
-- reads: stage_visits
SELECT journey_id, stage, min(journey) AS journey, min(subject_id) AS subject_id, count(*) AS n_visits
FROM stage_visits
GROUP BY journey_id, stage;
