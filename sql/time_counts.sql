-- time_counts: one row per stage, or move between two, persona, period and number of seconds: how often it took so long.
-- key: journey, stage, next_stage, persona, period, seconds
-- partition: sum
-- publish: work
-- reads: stage_visits, journey_periods
-- Of mature journeys.  next_stage is (stay) for the time in a stage; else the seconds are those of the hand-over to it.
WITH times AS (
    SELECT journey_id, stage, '(stay)' AS next_stage, stay_seconds AS seconds FROM stage_visits
    UNION ALL
    SELECT journey_id, stage, next_stage, handover_seconds FROM stage_visits WHERE next_stage IS NOT NULL
)
SELECT groups.journey, times.stage, times.next_stage, groups.persona, groups.period, times.seconds, count(*) AS n
FROM times
JOIN journey_periods AS groups ON times.journey_id = groups.journey_id
WHERE groups.is_mature
GROUP BY groups.journey, times.stage, times.next_stage, groups.persona, groups.period, times.seconds;
