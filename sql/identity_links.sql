-- identity_links: one row per pair of identifiers seen together on an event.
-- key: left_identifier, right_identifier
-- partition: none
-- publish: no
-- reads: source_events
SELECT user_identifier AS left_identifier, email_identifier AS right_identifier
FROM source_events WHERE user_identifier IS NOT NULL AND email_identifier IS NOT NULL
UNION
SELECT user_identifier, phone_identifier
FROM source_events WHERE user_identifier IS NOT NULL AND phone_identifier IS NOT NULL
UNION
SELECT email_identifier, phone_identifier
FROM source_events WHERE email_identifier IS NOT NULL AND phone_identifier IS NOT NULL;
