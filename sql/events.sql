-- events: one row per event: what happened, when, to whom, in which session, and which touchpoint it is.
-- key: event_id
-- partition: person
-- reads: source_events, event_owners, identifiers, event_kinds, local_days, settings
-- A session is a run of one person's events with no silence longer than the session gap, or the source's own session,
-- as the definition says.  A passive event has none and keeps none alive.
WITH known AS (
    SELECT source_events.*, identifiers.person_id, event_kinds.touchpoint, event_kinds.role, event_kinds.channel AS touchpoint_channel
    FROM source_events
    LEFT JOIN event_owners ON source_events.event_id = event_owners.event_id
    LEFT JOIN identifiers ON event_owners.identifier = identifiers.identifier
    LEFT JOIN event_kinds
        ON source_events.source = event_kinds.source AND source_events.event_name = event_kinds.event_name
        AND coalesce(source_events.page_path, '') = event_kinds.page_path
        AND coalesce(source_events.rule_properties, '') = event_kinds.rule_properties
),
silences AS (
    SELECT known.*, session_rule, session_gap_seconds,
        max(CASE WHEN NOT is_passive THEN occurred_at END) OVER (
            PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS previous_at
    FROM known, settings
),
starts AS (
    SELECT *, max(CASE WHEN NOT is_passive AND (previous_at IS NULL OR occurred_at > plus_seconds(previous_at, session_gap_seconds))
            THEN occurred_at END) OVER (PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id) AS run_started_at
    FROM silences
)
SELECT event_id, source, event_name, occurred_at, local_days.local_on AS occurred_on, person_id,
    CASE
        WHEN person_id IS NULL OR is_passive THEN NULL
        WHEN session_rule = 'source' THEN id_of(person_id || '|' || source || '|' || session_key)
        ELSE id_of(person_id || '|' || micros(run_started_at))
    END AS session_id,
    touchpoint, role, coalesce(touchpoint_channel, channel) AS channel, outcome, is_passive,
    page_path, referrer_host, campaign_source, campaign_medium, campaign_name, device_type, country,
    order_id, ticket_id, product_id, amount, currency, rating, rating_max,
    device_id, user_id, email_key, phone_key, account_id, session_key, source_rank, sequence, received_at, load_seq, file_id, line_no
FROM starts
LEFT JOIN local_days ON quarter_of(occurred_at) = local_days.quarter_at;
