-- event_runs: one row per event that somebody can be named for, with the run it lies in, which its first event names.
-- key: event_no
-- partition: stream
-- publish: no
-- reads: identified_events, settings
-- A run is a stretch of one stream with no silence longer than the session gap; passive events neither start nor extend
-- one.  This is the one sort of all events by who and when, and only numbers go through it: visits, sessions and owners
-- follow from runs, which are few.  event_number tells the order of a stream's events.
WITH numbered AS (
    SELECT event_no, event_id, occurred_at, source_rank, sequence, is_passive,
        number_of(stream_space || stream) AS stream_no, number_of(login) AS login_no
    FROM identified_events
    WHERE stream IS NOT NULL
),
silences AS (
    SELECT event_no, occurred_at, is_passive, stream_no, login_no,
        row_number() OVER (PARTITION BY stream_no ORDER BY occurred_at, source_rank, sequence, event_id) AS event_number,
        lag(CASE WHEN NOT is_passive THEN occurred_at END IGNORE NULLS) OVER (
            PARTITION BY stream_no ORDER BY occurred_at, source_rank, sequence, event_id) AS previous_at
    FROM numbered
),
runs AS (
    SELECT event_no, event_number, occurred_at, is_passive, login_no, last_value(CASE
            WHEN NOT is_passive AND (previous_at IS NULL OR occurred_at > plus_seconds(previous_at, session_gap_seconds)) THEN event_no
        END IGNORE NULLS) OVER (
            PARTITION BY stream_no ORDER BY event_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run_no
    FROM silences
    CROSS JOIN settings
)
SELECT event_no, coalesce(run_no, event_no) AS run_no, event_number, occurred_at, is_passive, login_no
FROM runs;
