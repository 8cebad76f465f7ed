-- bout_journeys: one row per bout of touches, with the journey that it is part of.
-- key: journey_position, bout_no
-- partition: journey
-- publish: no
-- reads: touch_bouts, journey_definitions, settings
-- A journey begins at the subject's first touch; after a silence longer than the journey's gap; and, once it has
-- succeeded, where a person comes back to a stage before success after a silence longer than the session gap.
-- Such a return, a candidate, begins a journey when a success happened since the last candidate: had there been one
-- before that, the last candidate would have begun a journey itself.
WITH bouts AS (
    SELECT journey_position, subject_id, bout_no, min(occurred_at) AS started_at, max(occurred_at) AS ended_at,
        sum(CASE WHEN is_success THEN 1 ELSE 0 END) AS n_successes, max(CASE WHEN event_no = bout_no THEN stage_position END) AS first_position,
        min(touch_number) AS first_touch_number, min(n_moves) AS first_n_moves
    FROM touch_bouts
    GROUP BY journey_position, subject_id, bout_no
),
defined AS (
    SELECT bouts.*, definitions.journey, definitions.subject, definitions.gap_seconds, definitions.success_position
    FROM bouts
    JOIN journey_definitions AS definitions ON bouts.journey_position = definitions.position
),
looks_back AS (
    SELECT *,
        lag(ended_at) OVER (PARTITION BY journey_position, subject_id ORDER BY first_touch_number) AS previous_at,
        coalesce(sum(n_successes) OVER (
            PARTITION BY journey_position, subject_id ORDER BY first_touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS n_successes_before
    FROM defined
),
cuts AS (
    SELECT *, previous_at IS NULL OR coalesce(started_at > plus_seconds(previous_at, gap_seconds), FALSE) AS is_cut
    FROM looks_back
),
candidates AS (
    SELECT cuts.*, is_cut OR (subject = 'person' AND first_position < success_position
        AND started_at > plus_seconds(previous_at, session_gap_seconds)) AS is_candidate
    FROM cuts
    CROSS JOIN settings
),
starts AS (
    SELECT *, is_cut OR (is_candidate AND n_successes_before > coalesce(
        max(CASE WHEN is_candidate THEN n_successes_before END) OVER (
            PARTITION BY journey_position, subject_id ORDER BY first_touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS is_start
    FROM candidates
)
SELECT journey_position, journey, bout_no, subject_id,
    last_value(CASE WHEN is_start THEN id_of(journey || '|' || subject_id || '|' || micros(started_at)) END IGNORE NULLS) OVER (
        PARTITION BY journey_position, subject_id ORDER BY first_touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS journey_id,
    last_value(CASE WHEN is_start THEN first_touch_number END IGNORE NULLS) OVER (
        PARTITION BY journey_position, subject_id ORDER BY first_touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_touch_number,
    last_value(CASE WHEN is_start THEN first_n_moves END IGNORE NULLS) OVER (
        PARTITION BY journey_position, subject_id ORDER BY first_touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_n_moves
FROM starts;
