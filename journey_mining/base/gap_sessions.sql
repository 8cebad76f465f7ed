-- cut_rows: the rows of the other log, which lie in the order of their key, with the mark where a session starts.
-- key: journey_no, step_number.  A session is a run of a journey's steps without a silence longer than the gap.
-- reads: known_rows, $gap (an interval)
CREATE OR REPLACE TEMP VIEW cut_rows AS
SELECT *, step_number = 1 OR occurred_at > lag(occurred_at) OVER () + $gap::INTERVAL AS is_start
FROM known_rows;
