-- matched: one row per position and place that it has in some match of the whole pattern.
-- key: position, journey_no, visit_number.  Here of the last position, in which every place is.
-- reads: places, $position
CREATE OR REPLACE TEMP TABLE matched AS SELECT * FROM places WHERE position = $position;
