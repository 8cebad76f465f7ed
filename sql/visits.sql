-- visits: one row per visit, which its first event names: a run, or the part of it up to a second login.
-- key: visit_no
-- partition: stream
-- publish: work
-- reads: event_runs, visit_splits, identified_events
-- It ends with its last event that is not passive; last_at is that of any.
WITH measured AS (
    SELECT coalesce(visit_splits.visit_no, event_runs.run_no) AS visit_no, event_runs.run_no,
        coalesce(min(CASE WHEN NOT is_passive THEN occurred_at END), min(occurred_at)) AS started_at,
        coalesce(max(CASE WHEN NOT is_passive THEN occurred_at END), max(occurred_at)) AS ended_at,
        max(occurred_at) AS last_at,
        min(CASE WHEN NOT is_passive AND login_no IS NOT NULL THEN occurred_at END) AS login_at,
        min(CASE WHEN NOT is_passive AND login_no IS NOT NULL THEN event_runs.event_no END) AS login_event_no,
        min(CASE WHEN is_passive THEN 1 ELSE 0 END) = 1 AS is_passive
    FROM event_runs
    LEFT JOIN visit_splits ON event_runs.event_no = visit_splits.event_no
    GROUP BY coalesce(visit_splits.visit_no, event_runs.run_no), event_runs.run_no
),
told AS (
    -- Few events begin a visit or are its first login, and all others need not be read twice.
    SELECT events.event_no, events.login, events.stream_space, events.stream, events.source_rank, events.sequence, events.event_id
    FROM identified_events AS events
    JOIN (SELECT visit_no AS event_no FROM measured UNION SELECT login_event_no FROM measured) AS wanted ON events.event_no = wanted.event_no
)
SELECT measured.visit_no, measured.run_no, measured.started_at, measured.ended_at, measured.last_at, logins.login, measured.login_at, measured.is_passive,
    firsts.stream_space, firsts.stream, firsts.source_rank, firsts.sequence, firsts.event_id
FROM measured
JOIN told AS firsts ON measured.visit_no = firsts.event_no
LEFT JOIN told AS logins ON measured.login_event_no = logins.event_no;
