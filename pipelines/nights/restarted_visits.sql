-- restarted_visits: visits of touched streams that are made anew: from the last run that begins before the change on; what lies before it cannot change.
WITH runs AS (
    SELECT visits.run_no, visits.stream_space, visits.stream, touched.changed_at, min(visits.started_at) AS run_at
    FROM visits
    JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream
    GROUP BY visits.run_no, visits.stream_space, visits.stream, touched.changed_at
),
starts AS (
    SELECT stream_space, stream, max(CASE WHEN run_at < changed_at THEN run_at END) AS from_at
    FROM runs
    GROUP BY stream_space, stream
)
SELECT visits.visit_no, visits.started_at
FROM visits
JOIN runs ON visits.run_no = runs.run_no
JOIN starts ON runs.stream_space = starts.stream_space AND runs.stream = starts.stream
WHERE starts.from_at IS NULL OR runs.run_at >= starts.from_at;
