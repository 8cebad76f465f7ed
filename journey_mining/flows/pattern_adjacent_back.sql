-- matched, one position back, where so many steps lie between exactly.
-- reads: places, matched, $position
INSERT INTO matched
SELECT places.*
FROM places SEMI JOIN (SELECT journey_no, high FROM matched WHERE position = $position + 1) AS after
    ON after.journey_no = places.journey_no AND after.high = places.visit_number
WHERE places.position = $position;
