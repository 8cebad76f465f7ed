-- login_success_rate: one row per login attempt: tries of one person with no more than five minutes from each to the next.
-- key: unit_id
-- partition: person
-- since: entered_at
-- publish: no
-- reads: events, kpi_targets
-- title: Login success
-- statistic: rate
-- unit: share
-- direction: higher
-- roles: login_tried, login_succeeded
-- window: 5m
-- Successful: a login succeeds within five minutes after the attempt's last try.
WITH logins AS (
    SELECT events.person_id, events.event_id, events.role, events.occurred_at, events.source_rank, events.sequence,
        targets.window_seconds
    FROM events
    JOIN kpi_targets AS targets ON targets.kpi = 'login_success_rate'
    WHERE events.role IN ('login_tried', 'login_succeeded') AND events.person_id IS NOT NULL AND NOT events.is_passive
),
looks AS (
    SELECT *,
        max(CASE WHEN role = 'login_tried' THEN occurred_at END) OVER (
            PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_try_at,
        min(CASE WHEN role = 'login_succeeded' THEN occurred_at END) OVER (
            PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_success_at
    FROM logins
),
attempts AS (
    SELECT *, max(CASE WHEN previous_try_at IS NULL OR occurred_at > plus_seconds(previous_try_at, window_seconds) THEN occurred_at END)
        OVER (PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id) AS entered_at
    FROM looks
    WHERE role = 'login_tried'
),
last_tries AS (
    SELECT *, row_number() OVER (PARTITION BY person_id, entered_at ORDER BY occurred_at DESC, source_rank DESC, sequence DESC, event_id DESC) AS place
    FROM attempts
)
SELECT id_of('login|' || person_id || '|' || micros(entered_at)) AS unit_id, person_id, CAST(NULL AS VARCHAR) AS subject_id, entered_at,
    CASE WHEN next_success_at <= plus_seconds(occurred_at, window_seconds) THEN 1 ELSE 0 END AS value,
    plus_seconds(occurred_at, window_seconds) AS matures_at
FROM last_tries
WHERE place = 1;
