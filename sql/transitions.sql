-- transitions: one row per move between stages, persona and period: how often, by how many, how likely, how fast.
-- key: journey, persona, period, from_stage, to_stage
-- partition: none
-- reads: transition_sums, time_percentiles
-- Rates count mature journeys; n_open counts the same move in immature ones, which end in (open).  Flow is conserved:
-- what enters a stage leaves it.  The time runs from the last step in a stage to the first step in the next.
SELECT sums.journey, sums.persona, sums.period, sums.from_stage, sums.to_stage, n_transitions, n_journeys, n_people,
    CAST(n_transitions AS DOUBLE) / nullif(sum(n_transitions) OVER (
        PARTITION BY sums.journey, sums.persona, sums.period, sums.from_stage), 0) AS probability,
    times.median_seconds, times.p90_seconds, n_open
FROM transition_sums AS sums
LEFT JOIN time_percentiles AS times
    ON sums.journey = times.journey AND sums.from_stage = times.stage AND sums.to_stage = times.next_stage
    AND sums.persona = times.persona AND sums.period = times.period;
