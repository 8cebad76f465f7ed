-- journey_steps: one row per step: a touch within a journey, numbered.
-- key: journey_id, step_number
-- partition: subject
-- reads: journey_touches, settings
-- A journey begins at the subject's first touch; after a silence longer than the journey's gap; and, once it has
-- succeeded, where a person comes back to a stage before success after a silence longer than the session gap.
-- Such a return, a candidate, begins a journey when a success happened since the last candidate: had there been one
-- before that, the last candidate would have begun a journey itself.
WITH looks_back AS (
    SELECT journey_touches.*, session_gap_seconds,
        lag(occurred_at) OVER subjects AS previous_at,
        coalesce(sum(CASE WHEN is_success THEN 1 ELSE 0 END) OVER (
            PARTITION BY journey, subject_id ORDER BY occurred_at, source_rank, sequence, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS n_successes_before
    FROM journey_touches, settings
    WINDOW subjects AS (PARTITION BY journey, subject_id ORDER BY occurred_at, source_rank, sequence, event_id)
),
candidates AS (
    SELECT *,
        previous_at IS NULL OR coalesce(occurred_at > plus_seconds(previous_at, gap_seconds), FALSE) AS is_cut,
        previous_at IS NULL OR coalesce(occurred_at > plus_seconds(previous_at, gap_seconds), FALSE)
            OR (subject = 'person' AND stage_position < success_position
                AND occurred_at > plus_seconds(previous_at, session_gap_seconds)) AS is_candidate
    FROM looks_back
),
starts AS (
    SELECT *, is_cut OR (is_candidate AND n_successes_before > coalesce(
        max(CASE WHEN is_candidate THEN n_successes_before END) OVER (
            PARTITION BY journey, subject_id ORDER BY occurred_at, source_rank, sequence, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS is_start
    FROM candidates
),
numbered AS (
    SELECT *,
        max(CASE WHEN is_start THEN occurred_at END) OVER subjects AS started_at,
        lag(stage) OVER subjects AS previous_stage
    FROM starts
    WINDOW subjects AS (PARTITION BY journey, subject_id ORDER BY occurred_at, source_rank, sequence, event_id)
)
SELECT journey, id_of(journey || '|' || subject_id || '|' || micros(started_at)) AS journey_id,
    row_number() OVER steps AS step_number,
    CAST(sum(CASE WHEN is_start OR stage <> previous_stage THEN 1 ELSE 0 END) OVER steps AS BIGINT) AS visit_number,
    subject_id, person_id, session_id, event_id, occurred_at, stage, stage_position, touchpoint, channel, order_key, is_success
FROM numbered
WINDOW steps AS (PARTITION BY journey, subject_id, started_at ORDER BY occurred_at, source_rank, sequence, event_id);
