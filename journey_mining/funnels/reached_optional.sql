-- reached, with the attempts that did the optional stage at $position: the first touch that is not before the stage
-- before it, and not after the next one the attempt came to; within the window, and before what ended the attempt.
-- reads: reached, stages, counted, touches, $position, $window_us
INSERT INTO reached
SELECT
    standing.sequence_no, standing.entry_step, touches.position, touches.at_us, touches.step_number, touches.first_step,
    touches.barred_step, touches.journey_no, touches.journey_step, touches.value
FROM (
    SELECT reached.*, stages.position AS wanted_position, within_us, entered_at, following.at_us AS following_at,
        following.step_number AS following_step
    FROM reached
    JOIN stages ON stages.previous_position = reached.position AND stages.position = $position
    JOIN counted USING (sequence_no, entry_step)
    LEFT JOIN reached AS following
        ON following.sequence_no = reached.sequence_no AND following.entry_step = reached.entry_step
        AND following.position = (
            SELECT min(position) FROM stages WHERE position > $position AND NOT is_optional
        )
) AS standing
ASOF JOIN touches
    ON touches.sequence_no = standing.sequence_no AND touches.position = standing.wanted_position
    AND touches.step_number >= standing.first_step
WHERE coalesce(touches.first_step <= following_step, TRUE)
    AND coalesce(touches.at_us <= entered_at + $window_us, TRUE)
    AND coalesce(touches.at_us <= standing.at_us + within_us, TRUE)
    AND coalesce(touches.first_step <= standing.barred_step, TRUE);
