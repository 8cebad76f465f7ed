-- sequences: one row per step an attempt may take: a journey's steps, in their order.  key: sequence_no, step_number
-- unit_no: what is counted; here a sequence is a journey, and so is a unit.
-- reads: held_steps
CREATE TEMP VIEW sequences AS
SELECT
    journey_no AS sequence_no, journey_no AS unit_no, step_number, name, epoch_us(occurred_at) AS at_us,
    journey_no, step_number AS journey_step, value
FROM held_steps;
