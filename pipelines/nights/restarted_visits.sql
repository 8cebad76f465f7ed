-- restarted_visits: visits of touched streams that are made anew: from the change on, or from the last run before it, if
-- that reaches to the change; what lies before cannot change.
WITH runs AS (
    SELECT visits.run_no, visits.stream_space, visits.stream, touched.changed_at, touched.is_of_before,
        min(visits.started_at) AS run_at, max(visits.ended_at) AS ended_at, max(visits.last_at) AS last_at
    FROM visits
    JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream
    GROUP BY visits.run_no, visits.stream_space, visits.stream, touched.changed_at, touched.is_of_before
),
starts AS (
    SELECT stream_space, stream, coalesce(max(CASE
            WHEN run_at < changed_at AND (is_of_before OR last_at >= changed_at OR plus_seconds(ended_at, session_gap_seconds) >= changed_at) THEN run_at
        END), min(changed_at)) AS from_at
    FROM runs
    CROSS JOIN settings
    GROUP BY stream_space, stream
)
SELECT visits.visit_no, visits.started_at
FROM visits
JOIN runs ON visits.run_no = runs.run_no
JOIN starts ON runs.stream_space = starts.stream_space AND runs.stream = starts.stream
WHERE runs.run_at >= starts.from_at;
