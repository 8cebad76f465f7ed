-- device_events: one row per event on a device on which somebody ever logged in, with the device visit it belongs to.
-- key: event_id
-- partition: none
-- publish: no
-- reads: source_events, settings
-- A device visit is a run of events on one device with no silence longer than the session gap, split where a second
-- login appears.  Passive events neither start nor extend one.
WITH on_devices AS (
    SELECT event_id, device_identifier, occurred_at, source_rank, sequence, is_passive,
        coalesce(user_identifier, email_identifier, phone_identifier) AS login
    FROM source_events
    WHERE device_identifier IN (
        SELECT device_identifier FROM source_events WHERE coalesce(user_identifier, email_identifier, phone_identifier) IS NOT NULL
    )
),
silences AS (
    SELECT *, max(CASE WHEN NOT is_passive THEN occurred_at END) OVER (
        PARTITION BY device_identifier ORDER BY occurred_at, source_rank, sequence, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_at
    FROM on_devices
),
runs AS (
    SELECT silences.*, sum(CASE WHEN NOT is_passive AND occurred_at > plus_seconds(previous_at, session_gap_seconds) THEN 1 ELSE 0 END)
        OVER (PARTITION BY device_identifier ORDER BY occurred_at, source_rank, sequence, event_id) AS run_number
    FROM silences, settings
),
logins AS (
    SELECT *, last_value(login IGNORE NULLS) OVER (
        PARTITION BY device_identifier, run_number ORDER BY occurred_at, source_rank, sequence, event_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_login
    FROM runs
)
SELECT event_id, device_identifier, occurred_at, is_passive, login, run_number,
    sum(CASE WHEN login <> previous_login THEN 1 ELSE 0 END) OVER (
        PARTITION BY device_identifier, run_number ORDER BY occurred_at, source_rank, sequence, event_id) AS login_number
FROM logins;
