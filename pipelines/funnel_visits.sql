-- funnel_visits: one row per mature journey and visit to a stage of its funnel.  key: journey_id, entered_at, position
-- reads: stage_visits, journey_outcomes, $journey, $last_position
CREATE OR REPLACE TEMP TABLE funnel_visits AS
SELECT visits.journey_id, visits.stage_position AS position, visits.entered_at, visits.last_step_at
FROM stage_visits AS visits
JOIN journey_outcomes AS outcomes ON visits.journey_id = outcomes.journey_id
WHERE visits.journey = $journey AND outcomes.is_mature AND visits.stage_position <= $last_position;

-- funnel_chains: one row per attempt and stage it came to; here the entries.  key: journey_id, entered_at, position
-- Every touch of the first stage may begin an attempt. Where all of a journey lies within the window of its first one, no
-- later one comes further: the others are not tried.
-- reads: funnel_visits, journey_steps, journey_definitions, $journey
CREATE OR REPLACE TEMP TABLE funnel_chains AS
WITH firsts AS (
    SELECT journey_id, min(CASE WHEN position = 1 THEN entered_at END) AS entered_at, max(last_step_at) AS last_step_at
    FROM funnel_visits
    GROUP BY journey_id
),
timed AS (
    SELECT firsts.*, to_seconds(window_seconds) AS time_given, last_step_at > entered_at + time_given AS is_long
    FROM firsts
    JOIN journey_definitions ON journey = $journey
    WHERE entered_at IS NOT NULL
)
SELECT journey_id, entered_at, entered_at + time_given AS until, CAST(1 AS BIGINT) AS position, entered_at AS reached_at
FROM timed
WHERE NOT is_long
UNION
SELECT timed.journey_id, steps.occurred_at, steps.occurred_at + time_given, 1, steps.occurred_at
FROM journey_steps AS steps
JOIN timed ON steps.journey_id = timed.journey_id
WHERE timed.is_long AND steps.stage_position = 1;
