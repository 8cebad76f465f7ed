-- chains: one row per attempt and stage it came to.  key: sequence_no, entry_step, position
-- used: the steps taken so far, this one included. Here the entries: one per instant with a touch of the first stage;
-- or, where nothing but order limits an attempt, only the first, which comes as far as any other.
-- reads: touches, $is_first_enough, $is_logged
CREATE TEMP TABLE chains AS
SELECT
    sequence_no, unit_no, step_number AS entry_step, at_us AS entered_at, position, at_us, step_number, first_step,
    barred_step, barred_at, journey_no, journey_step, value, [step_number] AS used
FROM touches JOIN (
    SELECT sequence_no, min(step_number) AS step_number
    FROM touches
    WHERE position = 1
    GROUP BY
        sequence_no, CASE WHEN $is_first_enough THEN 0 WHEN $is_logged THEN step_number ELSE at_us END
) AS entries USING (sequence_no, step_number)
WHERE position = 1;
