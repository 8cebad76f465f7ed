-- visit_splits: one row per event of a run in which a second login appears, with the visit it lies in, which its first event names.
-- key: event_no
-- partition: stream
-- publish: no
-- reads: event_runs
-- Such runs are few: two people at one device within the session gap.
WITH shared_runs AS (
    SELECT run_no
    FROM event_runs
    WHERE NOT is_passive AND login_no IS NOT NULL
    GROUP BY run_no
    HAVING min(login_no) <> max(login_no)
),
logins AS (
    SELECT event_runs.event_no, event_runs.run_no, event_runs.event_number, event_runs.is_passive, event_runs.login_no,
        last_value(CASE WHEN NOT is_passive THEN login_no END IGNORE NULLS) OVER (
            PARTITION BY event_runs.run_no ORDER BY event_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_login_no
    FROM event_runs
    JOIN shared_runs ON event_runs.run_no = shared_runs.run_no
)
SELECT event_no, run_no, last_value(CASE
        WHEN event_no = run_no OR (NOT is_passive AND login_no <> previous_login_no) THEN event_no
    END IGNORE NULLS) OVER (
        PARTITION BY run_no ORDER BY event_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visit_no
FROM logins;
