-- stage_dropoff__counts_visits: the drop-off of all time counts the journeys that visited a stage, each once
WITH visited AS (
    SELECT outcomes.journey, visits.stage, CASE WHEN grouping(outcomes.persona) = 1 THEN '(all)' ELSE outcomes.persona END AS persona,
        count(CASE WHEN outcomes.is_mature THEN 1 END) AS n_journeys,
        count(CASE WHEN outcomes.outcome = 'dropped' AND outcomes.last_stage = visits.stage THEN 1 END) AS n_dropped
    FROM (SELECT DISTINCT journey_id, stage FROM stage_visits) AS visits
    JOIN journey_outcomes AS outcomes ON visits.journey_id = outcomes.journey_id
    GROUP BY GROUPING SETS ((outcomes.journey, visits.stage, outcomes.persona), (outcomes.journey, visits.stage))
    UNION ALL
    SELECT journey, stage, persona, -n_journeys, -n_dropped FROM stage_dropoff WHERE period = 'all'
)
SELECT journey, stage, persona
FROM visited
GROUP BY journey, stage, persona
HAVING sum(n_journeys) <> 0 OR sum(n_dropped) <> 0;
