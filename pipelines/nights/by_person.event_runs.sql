-- by_person.event_runs: the run or visit of each of them.
SELECT event_no, run_no FROM scratch.by_stream.event_runs
UNION ALL
SELECT event_no, visit_no
FROM stale_events
WHERE visit_no IS NOT NULL AND event_no NOT IN (SELECT event_no FROM scratch.by_stream.source_events)
    AND event_no NOT IN (SELECT event_no FROM removed_events);
