-- centres: one row per journey that has the wanted anchors: the part of it from the first, to the second, or between.
-- key: part, journey_no.  Column 1 is the first visit; where only the last is fixed, column 0 is that.
-- reads: starts, anchors (the ends), visits, $has_start, $has_end
CREATE OR REPLACE TEMP TABLE centres AS
WITH found AS (
    SELECT
        journey_no,
        greatest(coalesce(starts.visit_number, 1), 1) AS first_visit,
        least(coalesce(ends.visit_number, visits.visit_number), visits.visit_number) AS last_visit
    FROM visits LEFT JOIN starts USING (journey_no) LEFT JOIN anchors AS ends USING (journey_no)
    WHERE is_last
        AND (starts.visit_number IS NOT NULL OR NOT $has_start)
        AND (ends.visit_number IS NOT NULL OR NOT $has_end)
)
SELECT
    1 AS part, journey_no, CASE WHEN $has_end AND NOT $has_start THEN last_visit ELSE first_visit - 1 END AS centre,
    first_visit, last_visit
FROM found
WHERE first_visit <= last_visit;
