-- reached: one row per counted attempt and stage it came to.  key: sequence_no, entry_step, position
-- reads: chains, counted
CREATE TEMP TABLE reached AS
SELECT
    sequence_no, entry_step, position, chains.at_us, step_number, first_step, barred_step,
    chains.journey_no, journey_step, value
FROM chains SEMI JOIN counted USING (sequence_no, entry_step);
