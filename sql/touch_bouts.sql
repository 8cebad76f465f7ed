-- touch_bouts: one row per touch, counted within its subject, with the bout it lies in, which its first touch names.
-- key: journey_position, event_no
-- partition: journey
-- publish: no
-- reads: journey_touches, settings
-- A bout is a stretch of touches of one subject with no silence longer than the session gap or the journey's gap: within
-- one no journey begins.  Bouts are few, so where journeys begin is decided on them, and touches are sorted once.
WITH numbered AS (
    SELECT journey_position, subject_id, event_no, occurred_at, stage_position, is_success, gap_seconds,
        row_number() OVER (
            PARTITION BY journey_position, subject_id ORDER BY occurred_at, source_rank, sequence, event_id) AS touch_number,
        lag(occurred_at) OVER (
            PARTITION BY journey_position, subject_id ORDER BY occurred_at, source_rank, sequence, event_id) AS previous_at,
        lag(stage_position) OVER (
            PARTITION BY journey_position, subject_id ORDER BY occurred_at, source_rank, sequence, event_id) AS previous_position
    FROM journey_touches
),
marked AS (
    SELECT journey_position, subject_id, event_no, occurred_at, stage_position, is_success, touch_number,
        coalesce(occurred_at = previous_at, FALSE) AS is_tied,
        CASE WHEN stage_position <> previous_position THEN 1 ELSE 0 END AS is_move,
        CASE
            WHEN previous_at IS NULL OR occurred_at > plus_seconds(previous_at, session_gap_seconds)
                OR occurred_at > plus_seconds(previous_at, gap_seconds) THEN event_no
        END AS first_event_no
    FROM numbered
    CROSS JOIN settings
)
SELECT journey_position, subject_id, event_no, occurred_at, stage_position, is_success, is_tied, touch_number,
    CAST(sum(is_move) OVER (
        PARTITION BY journey_position, subject_id ORDER BY touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS n_moves,
    last_value(first_event_no IGNORE NULLS) OVER (
        PARTITION BY journey_position, subject_id ORDER BY touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS bout_no
FROM marked;
