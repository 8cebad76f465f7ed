-- visit_pairs: one row per visit and pair of identifiers that its events show to belong together.
-- key: visit_no, left_identifier, right_identifier
-- partition: stream
-- publish: work
-- reads: identified_events, event_runs, visit_splits
-- Users, e-mails and phones are paired where they are on one event; an order or a ticket, whose left side is NULL, with
-- whom the visit belongs to.
WITH placed AS (
    SELECT events.user_identifier, events.email_identifier, events.phone_identifier, events.order_identifier, events.ticket_identifier,
        coalesce(visit_splits.visit_no, event_runs.run_no) AS visit_no
    FROM identified_events AS events
    JOIN event_runs ON events.event_no = event_runs.event_no
    LEFT JOIN visit_splits ON events.event_no = visit_splits.event_no
    WHERE coalesce(events.order_identifier, events.ticket_identifier) IS NOT NULL
        OR (events.email_identifier IS NOT NULL AND coalesce(events.user_identifier, events.phone_identifier) IS NOT NULL)
        OR (events.user_identifier IS NOT NULL AND events.phone_identifier IS NOT NULL)
),
pairs AS (
    SELECT visit_no, email_identifier AS left_identifier, user_identifier AS right_identifier
    FROM placed WHERE email_identifier IS NOT NULL AND user_identifier IS NOT NULL
    UNION ALL
    SELECT visit_no, phone_identifier, user_identifier
    FROM placed WHERE phone_identifier IS NOT NULL AND user_identifier IS NOT NULL
    UNION ALL
    SELECT visit_no, email_identifier, phone_identifier
    FROM placed WHERE email_identifier IS NOT NULL AND phone_identifier IS NOT NULL
    UNION ALL
    SELECT visit_no, NULL, order_identifier FROM placed WHERE order_identifier IS NOT NULL
    UNION ALL
    SELECT visit_no, NULL, ticket_identifier FROM placed WHERE ticket_identifier IS NOT NULL
)
SELECT visit_no, left_identifier, right_identifier, count(*) AS n_events
FROM pairs
GROUP BY visit_no, left_identifier, right_identifier;
