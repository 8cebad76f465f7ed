-- person_moves: one row per move between stages, persona, period, and person: how often, and by how many journeys.
-- key: journey, persona, period, from_stage, to_stage, cluster
-- partition: cluster
-- publish: no
-- reads: journey_moves, journey_periods
-- A person once, before people are counted: distinct counts over all moves would cost more than all the rest.
WITH placed AS (
    SELECT groups.journey, groups.persona, groups.period, groups.cluster, groups.person_id, groups.is_mature, moves.from_stage, moves.n,
        coalesce(moves.to_stage, '(' || CASE groups.outcome WHEN 'succeeded' THEN 'success' ELSE groups.outcome END || ')') AS to_stage
    FROM journey_moves AS moves
    JOIN journey_periods AS groups ON moves.journey_id = groups.journey_id
)
SELECT journey, persona, period, from_stage, to_stage, cluster, min(person_id) AS person_id,
    CAST(sum(CASE WHEN is_mature THEN n ELSE 0 END) AS BIGINT) AS n_transitions, count(CASE WHEN is_mature THEN 1 END) AS n_journeys,
    CAST(sum(CASE WHEN is_mature THEN 0 ELSE n END) AS BIGINT) AS n_open
FROM placed
GROUP BY journey, persona, period, from_stage, to_stage, cluster;
