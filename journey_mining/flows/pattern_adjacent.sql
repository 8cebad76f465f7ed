-- places, one position further: every spot with a place of the position before exactly so many steps earlier.
-- reads: spots, places, $position, $n_steps
INSERT INTO places
SELECT spots.position, spots.journey_no, spots.visit_number, before.visit_number, before.visit_number
FROM spots JOIN places AS before
    ON before.journey_no = spots.journey_no AND before.visit_number = spots.visit_number - $n_steps
WHERE spots.position = $position AND before.position = $position - 1;
