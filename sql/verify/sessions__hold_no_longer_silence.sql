-- sessions__hold_no_longer_silence: no silence within a gap session is longer than the gap
SELECT session_id, previous_at, occurred_at
FROM (
    SELECT session_id, occurred_at, lag(occurred_at) OVER (PARTITION BY session_id ORDER BY occurred_at, event_id) AS previous_at
    FROM events
    WHERE session_id IS NOT NULL
), settings
WHERE session_rule = 'gap' AND occurred_at > plus_seconds(previous_at, session_gap_seconds);
