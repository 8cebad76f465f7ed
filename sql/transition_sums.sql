-- transition_sums: one row per move between stages, persona or (all), and period: how often and by how many, summed over people.
-- key: journey, persona, period, from_stage, to_stage
-- partition: sum
-- publish: work
-- reads: person_moves
-- xx, xn: sums over people of squares and products of x such moves and n moves out of from_stage; see clustered_error.
WITH everyone AS (
    -- Somebody of two personas is one person of all.
    SELECT journey, period, from_stage, to_stage, cluster, min(person_id) AS person_id, sum(n_transitions) AS n_transitions,
        sum(n_journeys) AS n_journeys, sum(n_open) AS n_open
    FROM person_moves
    GROUP BY journey, period, from_stage, to_stage, cluster
),
moves AS (
    SELECT journey, persona, period, from_stage, to_stage, person_id, n_journeys, n_open, n_transitions AS x,
        sum(n_transitions) OVER (PARTITION BY journey, persona, period, from_stage, cluster) AS n
    FROM person_moves
    UNION ALL
    SELECT journey, '(all)', period, from_stage, to_stage, person_id, n_journeys, n_open, n_transitions,
        sum(n_transitions) OVER (PARTITION BY journey, period, from_stage, cluster)
    FROM everyone
)
SELECT journey, persona, period, from_stage, to_stage, CAST(sum(x) AS BIGINT) AS n_transitions,
    CAST(sum(n_journeys) AS BIGINT) AS n_journeys, count(CASE WHEN n_journeys > 0 THEN person_id END) AS n_people,
    CAST(sum(n_open) AS BIGINT) AS n_open, CAST(sum(x * x) AS BIGINT) AS xx, CAST(sum(x * n) AS BIGINT) AS xn
FROM moves
GROUP BY journey, persona, period, from_stage, to_stage;
