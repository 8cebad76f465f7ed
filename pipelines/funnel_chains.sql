-- funnel_chains, one stage further: each attempt takes the first touch of the stage at $position that is not before the
-- one it stands on, if that is in time.
-- A visit that began earlier and is not over ends at this very instant: at equal times any order is right.
-- reads: funnel_chains, funnel_visits, $position
INSERT INTO funnel_chains
SELECT chains.journey_id, chains.entered_at, chains.until, visits.position, greatest(visits.entered_at, chains.reached_at)
FROM (FROM funnel_chains WHERE position = $position - 1) AS chains
-- Of visits that end at one instant the one that began first counts.
ASOF JOIN (
    SELECT journey_id, position, last_step_at, min(entered_at) AS entered_at FROM funnel_visits WHERE position = $position GROUP BY ALL
) AS visits
    ON chains.journey_id = visits.journey_id AND chains.reached_at <= visits.last_step_at
WHERE visits.entered_at <= chains.until;
