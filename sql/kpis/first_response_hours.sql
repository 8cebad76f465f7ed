-- first_response_hours: one row per ticket opened.
-- key: unit_id
-- partition: none
-- publish: no
-- reads: events, sources, kpi_targets
-- title: First response
-- statistic: median
-- unit: hours
-- direction: lower
-- roles: ticket_opened, first_response
-- window: 3d
-- Hours from opening to the first response.  A ticket that had none within the window has no value and counts as longer than any.
WITH moments AS (
    SELECT sources.ticket_namespace || ':' || events.ticket_id AS ticket,
        min(CASE WHEN events.role = 'ticket_opened' THEN events.occurred_at END) AS opened_at,
        min(CASE WHEN events.role = 'ticket_opened' THEN events.person_id END) AS person_id,
        min(CASE WHEN events.role = 'first_response' THEN events.occurred_at END) AS answered_at
    FROM events
    JOIN sources ON events.source = sources.source
    WHERE events.role IN ('ticket_opened', 'first_response') AND events.ticket_id IS NOT NULL
    GROUP BY sources.ticket_namespace, events.ticket_id
)
SELECT moments.ticket AS unit_id, moments.person_id, moments.ticket AS subject_id, moments.opened_at AS entered_at,
    CASE WHEN moments.answered_at >= moments.opened_at AND moments.answered_at <= plus_seconds(moments.opened_at, targets.window_seconds)
        THEN secs_between(moments.opened_at, moments.answered_at) / 3600.0 END AS value,
    plus_seconds(moments.opened_at, targets.window_seconds) <= targets.as_of AS is_mature
FROM moments
JOIN kpi_targets AS targets ON targets.kpi = 'first_response_hours'
WHERE moments.opened_at IS NOT NULL;
