-- events__every_identified_event_has_a_person: an event with a user, device, e-mail or phone belongs to a person
SELECT event_id FROM events
WHERE person_id IS NULL AND coalesce(user_id, device_id, email_key, phone_key) IS NOT NULL;
