-- centres: one row per journey, seen from its start: column 1 is its first visit.  key: part, journey_no
-- first_visit, last_visit: the part of the journey that counts.
-- reads: visits
CREATE OR REPLACE TEMP TABLE centres AS
SELECT 1 AS part, journey_no, 0 AS centre, 1 AS first_visit, visit_number AS last_visit FROM visits WHERE is_last;
