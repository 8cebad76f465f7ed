-- matched, one position back: the places from which one of the position after can be reached, the next one if any.
-- reads: places, matched, $position
INSERT INTO matched
SELECT places.*
FROM places ASOF JOIN (
    SELECT journey_no, high, min(low) AS low FROM matched WHERE position = $position + 1 GROUP BY journey_no, high
) AS after ON after.journey_no = places.journey_no AND after.high >= places.visit_number
WHERE places.position = $position AND places.visit_number >= after.low;
