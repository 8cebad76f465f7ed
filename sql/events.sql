-- events: one row per event: what happened, when, to whom, in which session, and which touchpoint it is.
-- key: event_no
-- partition: person
-- reads: source_events, event_runs, visit_splits, visit_sessions, event_kinds, local_days, settings
-- A session is a run of one person's events with no silence longer than the session gap, or the source's own session,
-- as the definition says.  A passive event has none and keeps none alive.  An event that carries nobody's identifier
-- belongs to whom its order or ticket belongs to.
WITH placed AS (
    SELECT event_runs.event_no, coalesce(visit_splits.visit_no, event_runs.run_no) AS visit_no
    FROM event_runs
    LEFT JOIN visit_splits ON event_runs.event_no = visit_splits.event_no
),
known AS (
    SELECT source_events.*, placed.visit_no, visit_sessions.person_id,
        visit_sessions.session_id AS visit_session_id
    FROM source_events
    LEFT JOIN placed ON source_events.event_no = placed.event_no
    LEFT JOIN visit_sessions ON placed.visit_no = visit_sessions.visit_no
)
SELECT known.event_no, known.source, known.event_id, known.event_name, occurred_at, local_days.local_on AS occurred_on, person_id,
    CASE
        WHEN person_id IS NULL OR is_passive THEN NULL
        WHEN session_rule = 'source' THEN id_of(person_id || '|' || known.source || '|' || session_key)
        ELSE visit_session_id
    END AS session_id,
    event_kinds.touchpoint, event_kinds.role, coalesce(event_kinds.channel, known.channel) AS channel, outcome, is_passive,
    known.page_path, referrer_host, campaign_source, campaign_medium, campaign_name, device_type, country,
    order_id, ticket_id, product_id, amount, currency, rating, rating_max, known.rule_properties,
    device_id, user_id, email_key, phone_key, account_id, session_key, source_rank, sequence, received_at,
    record_id, load_seq, file_id, line_no, visit_no
FROM known
CROSS JOIN settings
LEFT JOIN event_kinds
    ON known.source = event_kinds.source AND known.event_name = event_kinds.event_name
    AND coalesce(known.page_path, '') = event_kinds.page_path AND coalesce(known.rule_properties, '') = event_kinds.rule_properties
LEFT JOIN local_days ON quarter_of(occurred_at) = local_days.quarter_at;
