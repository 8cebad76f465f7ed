-- How many of the mature journeys that visit a stage succeed: what is at stake there.
-- reads: journey_stages, journey_outcomes
SELECT outcomes.journey, visited.stage,
    CAST(count(CASE WHEN outcomes.outcome = 'succeeded' THEN 1 END) AS DOUBLE) / nullif(count(*), 0) AS prospect
FROM journey_outcomes AS outcomes
JOIN journey_stages AS visited ON outcomes.journey_id = visited.journey_id
WHERE outcomes.is_mature
GROUP BY outcomes.journey, visited.stage
ORDER BY outcomes.journey, visited.stage;
