-- ticket_moments: one row per ticket that was opened: by whom, when, and when it was first answered and resolved.
-- key: ticket
-- partition: none
-- publish: work
-- reads: ticket_signs
-- A ticket opened by several people is that of the first; what is dated before its opening answers or resolves nothing.
WITH openings AS (
    SELECT ticket, person_id, occurred_at AS opened_at,
        row_number() OVER (PARTITION BY ticket ORDER BY occurred_at, source_rank, sequence, event_id) AS place
    FROM ticket_signs
    WHERE role = 'ticket_opened' AND ticket IS NOT NULL
),
answers AS (
    SELECT openings.ticket, min(CASE WHEN signs.role = 'first_response' THEN signs.occurred_at END) AS answered_at,
        min(CASE WHEN signs.role = 'resolved' THEN signs.occurred_at END) AS resolved_at
    FROM openings
    JOIN ticket_signs AS signs ON openings.ticket = signs.ticket AND signs.occurred_at >= openings.opened_at
    WHERE openings.place = 1
    GROUP BY openings.ticket
)
SELECT openings.ticket, openings.person_id, openings.opened_at, answers.answered_at, answers.resolved_at
FROM openings
JOIN answers ON openings.ticket = answers.ticket
WHERE openings.place = 1;
