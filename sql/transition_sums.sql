-- transition_sums: one row per move between stages, persona and period: how often and by how many, summed over people.
-- key: journey, persona, period, from_stage, to_stage
-- partition: sum
-- publish: work
-- reads: stage_visits, journey_periods
-- A journey moves from the start, from stage to stage, and into its end.
WITH moves AS (
    SELECT journey_id, '(start)' AS from_stage, stage AS to_stage, 1 AS n FROM stage_visits WHERE visit_number = 1
    UNION ALL
    SELECT journey_id, stage, next_stage, count(*) FROM stage_visits GROUP BY journey_id, stage, next_stage
),
placed AS (
    SELECT groups.journey, groups.persona, groups.period, groups.person_id, groups.is_mature, moves.from_stage, moves.n,
        coalesce(moves.to_stage, '(' || CASE groups.outcome WHEN 'succeeded' THEN 'success' ELSE groups.outcome END || ')') AS to_stage
    FROM moves
    JOIN journey_periods AS groups ON moves.journey_id = groups.journey_id
),
people_of AS (
    -- A person once, before people are counted: distinct counts over all moves would cost more than all the rest.
    SELECT journey, CASE WHEN grouping(persona) = 1 THEN '(all)' ELSE persona END AS persona, period, from_stage, to_stage, person_id,
        sum(CASE WHEN is_mature THEN n ELSE 0 END) AS n_transitions, count(CASE WHEN is_mature THEN 1 END) AS n_journeys,
        sum(CASE WHEN is_mature THEN 0 ELSE n END) AS n_open
    FROM placed
    GROUP BY GROUPING SETS (
        (journey, period, from_stage, to_stage, person_id, persona), (journey, period, from_stage, to_stage, person_id))
)
SELECT journey, persona, period, from_stage, to_stage, CAST(sum(n_transitions) AS BIGINT) AS n_transitions,
    CAST(sum(n_journeys) AS BIGINT) AS n_journeys, count(CASE WHEN n_journeys > 0 THEN person_id END) AS n_people,
    CAST(sum(n_open) AS BIGINT) AS n_open
FROM people_of
GROUP BY journey, persona, period, from_stage, to_stage;
