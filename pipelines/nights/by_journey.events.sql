-- by_journey.events: the events that may be touches of their journeys.
WITH wanted AS (
    SELECT events.event_no
    FROM events
    JOIN (
        SELECT touched.subject_id, min(touched.since) AS since
        FROM touched_subjects AS touched
        JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'person'
        GROUP BY touched.subject_id
    ) AS people_since
        ON events.person_id = people_since.subject_id AND events.occurred_at >= people_since.since
    WHERE events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN touched_subjects AS touched ON events.session_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'session'
    WHERE events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.order_namespace || ':' || events.order_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'order'
    WHERE events.order_id IS NOT NULL AND events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.ticket_namespace || ':' || events.ticket_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'ticket'
    WHERE events.ticket_id IS NOT NULL AND events.touchpoint IS NOT NULL
    UNION
    SELECT events.event_no
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN touched_subjects AS touched ON sources.account_namespace || ':' || events.account_id = touched.subject_id
    JOIN journey_definitions AS definitions ON touched.journey = definitions.journey AND definitions.subject = 'account'
    WHERE events.account_id IS NOT NULL AND events.touchpoint IS NOT NULL
)
SELECT events.event_no, source, event_id, occurred_at, source_rank, sequence, person_id, session_id, touchpoint, channel, is_passive,
    order_id, ticket_id, account_id
FROM events
JOIN wanted ON events.event_no = wanted.event_no;
