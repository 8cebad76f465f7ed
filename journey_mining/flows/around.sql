-- centres: one row per journey with an anchor, seen from there.  key: part, journey_no
-- reads: anchors, visits
CREATE OR REPLACE TEMP TABLE centres AS
SELECT
    1 AS part, journey_no, anchors.visit_number AS centre, 1 AS first_visit, visits.visit_number AS last_visit
FROM anchors JOIN visits USING (journey_no)
WHERE is_last;
