-- cut_rows: the rows of the other log with the mark where a session starts, session by session, since they may overlap.
-- key: journey_no, step_number.  Sessions are what the source says; those of a journey are in the order of their starts. What
-- lies in no session is left out.
-- reads: known_rows
CREATE OR REPLACE TEMP VIEW cut_rows AS
SELECT known_rows.*, step_number = first_step_number AS is_start
FROM known_rows JOIN (
    SELECT journey_no, session_id, min(step_number) AS first_step_number FROM known_rows GROUP BY journey_no, session_id
) AS sessions
    ON sessions.journey_no = known_rows.journey_no AND sessions.session_id = known_rows.session_id
ORDER BY known_rows.journey_no, first_step_number, step_number;
