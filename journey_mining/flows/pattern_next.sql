-- places, one position further: every spot with a place of the position before within its gap and its time.
-- reads: spots, places, pattern, visits, barred_names, instants, $position
INSERT INTO places
WITH here AS (
    SELECT
        spots.*, fewest, most::BIGINT AS most,
        entered_at - at_most::INTERVAL AS earliest_at,
        entered_at - at_least::INTERVAL AS latest_at
    FROM spots JOIN pattern USING (position)
    WHERE position = $position AND journey_no IN (SELECT journey_no FROM places WHERE position = $position - 1)
),
barred AS (
    SELECT journey_no, visit_number AS barred_visit
    FROM visits JOIN barred_names USING (name)
    WHERE position = $position
),
reach AS (
    SELECT
        position, here.journey_no, visit_number,
        greatest(
            0, visit_number - 1 - most, barred_visit,
            CASE WHEN earliest_at IS NOT NULL THEN coalesce(soonest.first_visit, visit_number) END
        ) AS low,
        least(
            visit_number - 1 - fewest,
            CASE WHEN latest_at IS NOT NULL THEN coalesce(latest.last_visit, -1) END
        ) AS high
    FROM here
    ASOF LEFT JOIN barred ON barred.journey_no = here.journey_no AND barred.barred_visit < here.visit_number
    ASOF LEFT JOIN instants AS soonest
        ON soonest.journey_no = here.journey_no AND soonest.entered_at >= here.earliest_at
    ASOF LEFT JOIN instants AS latest
        ON latest.journey_no = here.journey_no AND latest.entered_at <= here.latest_at
)
SELECT reach.position, reach.journey_no, reach.visit_number, reach.low, reach.high
FROM reach ASOF JOIN (SELECT journey_no, visit_number FROM places WHERE position = $position - 1) AS before
    ON before.journey_no = reach.journey_no AND before.visit_number <= reach.high
WHERE before.visit_number >= reach.low;
