-- resolution_hours: one row per ticket opened.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: ticket_moments, kpi_targets
-- title: Resolution
-- statistic: median
-- unit: hours
-- direction: lower
-- roles: ticket_opened, resolved
-- window: 14d
-- Hours from opening to the resolution.  A ticket that had none within the window has no value and counts as longer than any.
SELECT moments.ticket AS unit_id, moments.person_id, moments.ticket AS subject_id, moments.opened_at AS entered_at,
    CASE WHEN moments.resolved_at <= plus_seconds(moments.opened_at, targets.window_seconds)
        THEN secs_between(moments.opened_at, moments.resolved_at) / 3600.0 END AS value,
    plus_seconds(moments.opened_at, targets.window_seconds) AS matures_at
FROM ticket_moments AS moments
JOIN kpi_targets AS targets ON targets.kpi = 'resolution_hours';
