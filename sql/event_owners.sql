-- event_owners: one row per event that somebody can be named for, with the identifier it belongs to.
-- key: event_id
-- partition: none
-- publish: no
-- reads: source_events, device_events, device_visits
SELECT source_events.event_id,
    coalesce(user_identifier, email_identifier, phone_identifier, device_visits.owner, source_events.device_identifier) AS identifier
FROM source_events
LEFT JOIN device_events ON source_events.event_id = device_events.event_id
LEFT JOIN device_visits
    ON device_events.device_identifier = device_visits.device_identifier
    AND device_events.run_number = device_visits.run_number AND device_events.login_number = device_visits.login_number
WHERE coalesce(user_identifier, email_identifier, phone_identifier, source_events.device_identifier) IS NOT NULL;
