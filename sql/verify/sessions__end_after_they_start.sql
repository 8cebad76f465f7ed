-- sessions__end_after_they_start: a session ends no earlier than it starts, and starts and ends with events of its own
SELECT sessions.session_id
FROM sessions
JOIN (SELECT session_id, min(occurred_at) AS first_at, max(occurred_at) AS last_at FROM events GROUP BY session_id) AS theirs
    ON sessions.session_id = theirs.session_id
WHERE ended_at < started_at OR started_at <> first_at OR ended_at <> last_at;
