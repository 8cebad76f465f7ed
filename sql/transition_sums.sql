-- transition_sums: one row per move between stages, persona or (all), and period: how often and by how many, summed over people.
-- key: journey, persona, period, from_stage, to_stage
-- partition: sum
-- publish: work
-- reads: person_moves
WITH everyone AS (
    -- Somebody of two personas is one person of all.
    SELECT journey, period, from_stage, to_stage, person_id, sum(n_transitions) AS n_transitions, sum(n_journeys) AS n_journeys, sum(n_open) AS n_open
    FROM person_moves
    GROUP BY journey, period, from_stage, to_stage, person_id
)
SELECT journey, persona, period, from_stage, to_stage, CAST(sum(n_transitions) AS BIGINT) AS n_transitions,
    CAST(sum(n_journeys) AS BIGINT) AS n_journeys, count(CASE WHEN n_journeys > 0 THEN person_id END) AS n_people,
    CAST(sum(n_open) AS BIGINT) AS n_open
FROM person_moves
GROUP BY journey, persona, period, from_stage, to_stage
UNION ALL
SELECT journey, '(all)', period, from_stage, to_stage, CAST(sum(n_transitions) AS BIGINT),
    CAST(sum(n_journeys) AS BIGINT), count(CASE WHEN n_journeys > 0 THEN person_id END), CAST(sum(n_open) AS BIGINT)
FROM everyone
GROUP BY journey, period, from_stage, to_stage;
