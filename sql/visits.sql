-- visits: one row per visit, which its first event names: a run, or the part of it up to a second login.
-- key: visit_no
-- partition: stream
-- publish: work
-- reads: event_runs, visit_splits
WITH measured AS (
    SELECT coalesce(visit_splits.visit_no, event_runs.run_no) AS visit_no, event_runs.run_no,
        coalesce(min(CASE WHEN NOT is_passive THEN occurred_at END), min(occurred_at)) AS started_at,
        coalesce(max(CASE WHEN NOT is_passive THEN occurred_at END), max(occurred_at)) AS ended_at,
        max(CASE WHEN NOT is_passive THEN login END) AS login,
        min(CASE WHEN NOT is_passive AND login IS NOT NULL THEN occurred_at END) AS login_at,
        min(CASE WHEN is_passive THEN 1 ELSE 0 END) = 1 AS is_passive
    FROM event_runs
    LEFT JOIN visit_splits ON event_runs.event_no = visit_splits.event_no
    GROUP BY coalesce(visit_splits.visit_no, event_runs.run_no), event_runs.run_no
)
SELECT measured.*, event_runs.stream_space, event_runs.stream, event_runs.source_rank, event_runs.sequence, event_runs.event_id
FROM measured
JOIN event_runs ON measured.visit_no = event_runs.event_no;
