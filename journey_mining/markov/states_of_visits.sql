-- states: one row per state that a journey was in: here its visits, up to its finish.  key: journey_no, place
-- reads: visits, finishes
CREATE TEMP TABLE states AS
SELECT journey_no, visit_number AS place, name, entered_at
FROM visits JOIN finishes USING (journey_no)
WHERE step_number <= last_step;
