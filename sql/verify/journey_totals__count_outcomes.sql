-- journey_totals__count_outcomes: the totals of all time are the outcomes of the journeys, counted
WITH outcomes AS (
    SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona,
        count(CASE WHEN outcome = 'succeeded' THEN 1 END) AS n_succeeded, count(CASE WHEN outcome = 'dropped' THEN 1 END) AS n_dropped,
        count(CASE WHEN outcome = 'active' THEN 1 END) AS n_active, count(CASE WHEN outcome = 'open' THEN 1 END) AS n_open
    FROM journey_outcomes
    GROUP BY GROUPING SETS ((journey, persona), (journey))
    UNION ALL
    SELECT journey, persona, -n_succeeded, -n_dropped, -n_active, -n_open FROM journey_totals WHERE period = 'all'
)
SELECT journey, persona
FROM outcomes
GROUP BY journey, persona
HAVING sum(n_succeeded) <> 0 OR sum(n_dropped) <> 0 OR sum(n_active) <> 0 OR sum(n_open) <> 0;
