-- How many of the mature journeys that visit a stage succeed: what is at stake there.
-- reads: stage_visits, journey_outcomes
SELECT outcomes.journey, visits.stage, avg(CASE WHEN outcomes.outcome = 'succeeded' THEN 1.0 ELSE 0.0 END) AS prospect
FROM journey_outcomes AS outcomes
JOIN (SELECT DISTINCT journey_id, stage FROM stage_visits) AS visits ON outcomes.journey_id = visits.journey_id
WHERE outcomes.is_mature
GROUP BY outcomes.journey, visits.stage
ORDER BY outcomes.journey, visits.stage;
