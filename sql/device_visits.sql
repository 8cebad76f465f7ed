-- device_visits: one row per device visit, with the identifier it belongs to.
-- key: device_identifier, run_number, login_number
-- partition: none
-- publish: no
-- reads: device_events, settings
-- An anonymous visit belongs to the next login on its device if that comes within attribute_back, else to the device.
WITH visits AS (
    SELECT device_identifier, run_number, login_number, max(login) AS login,
        coalesce(max(CASE WHEN NOT is_passive THEN occurred_at END), max(occurred_at)) AS ended_at,
        min(CASE WHEN login IS NOT NULL THEN occurred_at END) AS login_at
    FROM device_events
    GROUP BY device_identifier, run_number, login_number
),
next_logins AS (
    SELECT *,
        first_value(login IGNORE NULLS) OVER following AS next_login,
        first_value(login_at IGNORE NULLS) OVER following AS next_login_at
    FROM visits
    WINDOW following AS (
        PARTITION BY device_identifier ORDER BY run_number, login_number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
)
SELECT device_identifier, run_number, login_number,
    CASE
        WHEN login IS NOT NULL THEN login
        WHEN next_login_at <= plus_seconds(ended_at, attribute_back_seconds) THEN next_login
        ELSE device_identifier
    END AS owner
FROM next_logins, settings;
