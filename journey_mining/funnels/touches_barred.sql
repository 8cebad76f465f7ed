-- touches, with the first later step that ends an attempt which stands there: barred_step, barred_at.
-- What is simultaneous with a touch is not later than it.
-- reads: touches, sequences, barred
CREATE OR REPLACE TEMP TABLE touches AS
WITH ends AS (
    SELECT sequence_no, barred.position, step_number, at_us
    FROM sequences JOIN barred USING (name)
)
SELECT touches.* REPLACE (ends.step_number AS barred_step, ends.at_us AS barred_at)
FROM touches ASOF LEFT JOIN ends
    ON ends.sequence_no = touches.sequence_no AND ends.position = touches.position
    AND ends.step_number > touches.last_step;
