-- events__every_identified_event_has_a_person: an event with a user, device, e-mail or phone that is not blocked belongs to a person
SELECT events.event_id
FROM events
JOIN visits ON events.visit_no = visits.visit_no
WHERE events.person_id IS NULL AND (visits.login IS NOT NULL OR visits.stream_space <> '');
