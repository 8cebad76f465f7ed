-- events__every_identified_event_has_a_person: an event with a user, device, e-mail or phone that is not blocked belongs to a person
SELECT events.event_id
FROM events
JOIN event_runs ON events.event_no = event_runs.event_no
WHERE events.person_id IS NULL AND (event_runs.login IS NOT NULL OR event_runs.stream_space <> '');
