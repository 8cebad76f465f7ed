-- ticket_moments: one row per ticket that was opened: by whom, when, and when it was first answered and resolved.
-- key: ticket
-- partition: none
-- publish: work
-- reads: ticket_signs
-- A ticket opened by several people is that of the first.
WITH openings AS (
    SELECT ticket, person_id, occurred_at,
        row_number() OVER (PARTITION BY ticket ORDER BY occurred_at, source_rank, sequence, event_id) AS place
    FROM ticket_signs
    WHERE role = 'ticket_opened' AND ticket IS NOT NULL
),
answers AS (
    SELECT ticket, min(CASE WHEN role = 'first_response' THEN occurred_at END) AS answered_at,
        min(CASE WHEN role = 'resolved' THEN occurred_at END) AS resolved_at
    FROM ticket_signs
    GROUP BY ticket
)
SELECT openings.ticket, openings.person_id, openings.occurred_at AS opened_at, answers.answered_at, answers.resolved_at
FROM openings
JOIN answers ON openings.ticket = answers.ticket
WHERE openings.place = 1;
