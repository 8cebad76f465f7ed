-- journey_touches: one row per event that is a touch of a journey, with the subject whose journey it is.
-- key: journey, event_no
-- partition: journey
-- publish: no
-- kind: view
-- reads: events, sources, journey_definitions, stages, stage_touchpoints, blocked_identifiers
-- In the journey of a person passive events are no touches; in that of a ticket, an order, an account or a session
-- everything that happened to it is.  An id of an order, a ticket or an account that names nothing is nobody's journey;
-- these are apart, so that the many touches of people are joined with nothing they do not need.
WITH staged AS (
    SELECT definitions.journey, definitions.position AS journey_position, definitions.subject, definitions.gap_seconds,
        stages.stage, stages.position AS stage_position, stages.is_success, stage_touchpoints.touchpoint
    FROM stage_touchpoints
    JOIN stages ON stage_touchpoints.journey = stages.journey AND stage_touchpoints.stage = stages.stage
    JOIN journey_definitions AS definitions ON stages.journey = definitions.journey
),
placed AS (
    SELECT staged.*, events.event_no, events.event_id, events.occurred_at, events.source_rank, events.sequence, events.person_id, events.session_id,
        events.channel, events.is_passive,
        CASE staged.subject
            WHEN 'person' THEN events.person_id
            WHEN 'session' THEN events.session_id
        END AS subject_id
    FROM events
    JOIN staged ON events.touchpoint = staged.touchpoint
    WHERE staged.subject IN ('person', 'session')
    UNION ALL
    SELECT staged.*, events.event_no, events.event_id, events.occurred_at, events.source_rank, events.sequence, events.person_id, events.session_id,
        events.channel, events.is_passive,
        CASE
            WHEN blocked.value IS NOT NULL THEN NULL
            WHEN staged.subject = 'order' THEN sources.order_namespace || ':' || events.order_id
            WHEN staged.subject = 'ticket' THEN sources.ticket_namespace || ':' || events.ticket_id
            WHEN staged.subject = 'account' THEN sources.account_namespace || ':' || events.account_id
        END AS subject_id
    FROM events
    JOIN sources ON events.source = sources.source
    JOIN staged ON events.touchpoint = staged.touchpoint
    LEFT JOIN blocked_identifiers AS blocked
        ON blocked.kind = staged.subject
        AND blocked.namespace = CASE staged.subject
            WHEN 'order' THEN sources.order_namespace WHEN 'ticket' THEN sources.ticket_namespace ELSE sources.account_namespace END
        AND blocked.value = CASE staged.subject WHEN 'order' THEN events.order_id WHEN 'ticket' THEN events.ticket_id ELSE events.account_id END
    WHERE staged.subject IN ('order', 'ticket', 'account')
)
SELECT *
FROM placed
WHERE subject_id IS NOT NULL AND NOT (subject = 'person' AND is_passive);
