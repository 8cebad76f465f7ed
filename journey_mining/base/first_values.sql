-- kept: the rows of the journeys whose first step has one of the wanted values.  key: journey_no, step_number
-- reads: known_rows, first_steps (journey_no, value), $values (a list of texts)
CREATE OR REPLACE TEMP VIEW kept AS
SELECT * FROM known_rows
WHERE journey_no IN (SELECT journey_no FROM first_steps WHERE list_contains($values, value));
