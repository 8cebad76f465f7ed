-- transitions: one row per move between stages, persona and period: how often, by how many, how likely, how fast.
-- key: journey, persona, period, from_stage, to_stage
-- partition: none
-- reads: transition_edges, journey_periods
-- Rates count mature journeys; n_open counts the same move in immature ones, which end in (open).  Flow is conserved:
-- what enters a stage leaves it.  The time runs from the last step in a stage to the first step in the next.
WITH moves AS (
    SELECT journey_id, from_stage, to_stage, count(*) AS n
    FROM transition_edges
    GROUP BY journey_id, from_stage, to_stage
),
people_of AS (
    -- A person once, before people are counted: distinct counts over all moves would cost more than all the rest.
    SELECT groups.journey, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period,
        moves.from_stage, moves.to_stage, groups.person_id,
        sum(CASE WHEN groups.is_mature THEN moves.n ELSE 0 END) AS n_transitions, count(CASE WHEN groups.is_mature THEN 1 END) AS n_journeys,
        sum(CASE WHEN groups.is_mature THEN 0 ELSE moves.n END) AS n_open
    FROM moves
    JOIN journey_periods AS groups ON moves.journey_id = groups.journey_id
    GROUP BY GROUPING SETS (
        (groups.journey, groups.period, moves.from_stage, moves.to_stage, groups.person_id, groups.persona),
        (groups.journey, groups.period, moves.from_stage, moves.to_stage, groups.person_id))
),
counted AS (
    SELECT journey, persona, period, from_stage, to_stage, CAST(sum(n_transitions) AS BIGINT) AS n_transitions,
        CAST(sum(n_journeys) AS BIGINT) AS n_journeys, count(CASE WHEN n_journeys > 0 THEN person_id END) AS n_people,
        CAST(sum(n_open) AS BIGINT) AS n_open
    FROM people_of
    GROUP BY journey, persona, period, from_stage, to_stage
),
times AS (
    SELECT groups.journey, CASE WHEN grouping(groups.persona) = 1 THEN '(all)' ELSE groups.persona END AS persona, groups.period, edges.from_stage, edges.to_stage,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY edges.handover_seconds) AS median_seconds,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY edges.handover_seconds) AS p90_seconds
    FROM transition_edges AS edges
    JOIN journey_periods AS groups ON edges.journey_id = groups.journey_id
    WHERE groups.is_mature AND edges.handover_seconds IS NOT NULL
    GROUP BY GROUPING SETS (
        (groups.journey, groups.period, edges.from_stage, edges.to_stage, groups.persona), (groups.journey, groups.period, edges.from_stage, edges.to_stage))
)
SELECT counted.journey, counted.persona, counted.period, counted.from_stage, counted.to_stage, n_transitions, n_journeys, n_people,
    CAST(n_transitions AS DOUBLE) / nullif(sum(n_transitions) OVER (
        PARTITION BY counted.journey, counted.persona, counted.period, counted.from_stage), 0) AS probability,
    median_seconds, p90_seconds, n_open
FROM counted
LEFT JOIN times
    ON counted.journey = times.journey AND counted.persona = times.persona AND counted.period = times.period
    AND counted.from_stage = times.from_stage AND counted.to_stage = times.to_stage;
