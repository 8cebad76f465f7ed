-- identity_links: one row per pair of identifiers that one event shows to belong together, the smaller one left.
-- key: left_identifier, right_identifier
-- partition: none
-- publish: work
-- reads: identified_events, event_runs, visit_splits, visit_owners
-- Users, e-mails and phones are linked where they are on one event.  An order or a ticket links those it was seen with,
-- by login or by device; one that only ever one of them was seen with links nobody.
WITH sightings AS (
    SELECT events.order_identifier, events.ticket_identifier, events.event_id, owners.owner
    FROM identified_events AS events
    JOIN event_runs ON events.event_no = event_runs.event_no
    LEFT JOIN visit_splits ON events.event_no = visit_splits.event_no
    JOIN visit_owners AS owners ON coalesce(visit_splits.visit_no, event_runs.run_no) = owners.visit_no
    WHERE events.order_identifier IS NOT NULL OR events.ticket_identifier IS NOT NULL
),
subjects AS (
    SELECT order_identifier AS subject_identifier, owner, event_id FROM sightings WHERE order_identifier IS NOT NULL
    UNION ALL
    SELECT ticket_identifier, owner, event_id FROM sightings WHERE ticket_identifier IS NOT NULL
),
shared_subjects AS (
    SELECT subject_identifier
    FROM subjects
    GROUP BY subject_identifier
    HAVING min(owner) <> max(owner)
),
pairs AS (
    SELECT user_identifier AS left_identifier, email_identifier AS right_identifier, event_id
    FROM identified_events WHERE user_identifier IS NOT NULL AND email_identifier IS NOT NULL
    UNION ALL
    SELECT user_identifier, phone_identifier, event_id
    FROM identified_events WHERE user_identifier IS NOT NULL AND phone_identifier IS NOT NULL
    UNION ALL
    SELECT email_identifier, phone_identifier, event_id
    FROM identified_events WHERE email_identifier IS NOT NULL AND phone_identifier IS NOT NULL
    UNION ALL
    SELECT subjects.owner, subjects.subject_identifier, subjects.event_id
    FROM subjects
    JOIN shared_subjects ON subjects.subject_identifier = shared_subjects.subject_identifier
    WHERE subjects.owner <> subjects.subject_identifier
)
SELECT least(left_identifier, right_identifier) AS left_identifier, greatest(left_identifier, right_identifier) AS right_identifier,
    count(*) AS n_events, min(event_id) AS first_event_id
FROM pairs
GROUP BY least(left_identifier, right_identifier), greatest(left_identifier, right_identifier);
