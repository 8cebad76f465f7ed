-- visit_owners: one row per visit, with the identifier it belongs to.
-- key: visit_no
-- partition: stream
-- publish: work
-- reads: visits, settings
-- A visit belongs to its login; an anonymous one to the next login on its device, if that comes within attribute_back
-- of the visit's end, else to the device.
WITH next_logins AS (
    SELECT visits.*,
        first_value(login IGNORE NULLS) OVER (
            PARTITION BY stream_space, stream ORDER BY started_at, source_rank, sequence, event_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_login,
        first_value(login_at IGNORE NULLS) OVER (
            PARTITION BY stream_space, stream ORDER BY started_at, source_rank, sequence, event_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_login_at
    FROM visits
)
SELECT visit_no, started_at, ended_at, is_passive,
    CASE
        WHEN login IS NOT NULL THEN login
        WHEN next_login_at <= plus_seconds(ended_at, attribute_back_seconds) THEN next_login
        ELSE stream_space || stream
    END AS owner
FROM next_logins
CROSS JOIN settings;
