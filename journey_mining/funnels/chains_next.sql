-- chains, one stage further: each attempt takes the first touch of the stage at $position that is not before the one
-- it stands on, if that is in time and nothing that ends the attempt came before.
-- The touches that several stages could take are taken in their order: $sharing are the earlier ones of this attempt.
-- reads: chains, stages, touches, $position, $window_us, $sharing (places in `used`), $is_strict (the very next step)
INSERT INTO chains
SELECT
    standing.sequence_no, standing.unit_no, entry_step, entered_at, touches.position, touches.at_us, touches.step_number,
    touches.first_step, touches.barred_step, touches.barred_at, touches.journey_no, touches.journey_step, touches.value,
    list_append(used, touches.step_number)
FROM (
    SELECT
        chains.*, within_us,
        greatest(
            CASE WHEN $is_strict THEN step_number + 1 ELSE first_step END,
            1 + list_max(list_transform($sharing::INTEGER[], lambda place: used[place]))
        ) AS from_step
    FROM chains JOIN stages AS wanted_stage ON wanted_stage.previous_position = chains.position
    WHERE wanted_stage.position = $position
) AS standing
ASOF JOIN (SELECT * FROM touches WHERE position = $position) AS touches
    ON touches.sequence_no = standing.sequence_no AND touches.step_number >= standing.from_step
WHERE coalesce(touches.at_us <= entered_at + $window_us, TRUE)
    AND coalesce(touches.at_us <= standing.at_us + within_us, TRUE)
    AND coalesce(touches.first_step <= standing.barred_step, TRUE)
    AND (NOT $is_strict OR touches.step_number = standing.step_number + 1);
