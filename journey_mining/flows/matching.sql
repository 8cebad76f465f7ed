-- kept: the rows of the journeys that match a pattern.  key: journey_no, step_number
-- reads: known_rows, matched
CREATE OR REPLACE TEMP VIEW kept AS FROM known_rows SEMI JOIN matched USING (journey_no);
