-- stale_events: events whose rows are made anew, as they were.
WITH stale AS (
    SELECT visit_no FROM touched_visits UNION SELECT visit_no FROM moved_visits UNION SELECT visit_no FROM restarted_visits
)
SELECT * FROM events WHERE visit_no IN (SELECT visit_no FROM stale)
UNION ALL
SELECT * FROM events WHERE visit_no IS NULL AND event_no IN (SELECT event_no FROM removed_events);
