-- Find what is of an erased person, by tombstones: keyed hashes of their identifiers, the only trace of them that stays.
-- Given: tombstones (tombstone), prefixes (kind, prefix: what may make an identifier of a value: 'user', 'user:shop:'),
--        rows_given (line_no, event_id, record_id, user_id, device_id, email_key, phone_key, order_id, ticket_id),
--        words_given (line_no, word: of records that could not be read), contacts (clear, kind, pseudonym: which words may be
--        e-mail addresses or phone numbers), the macro tombstone_of, erased_lines (line_no).
-- Made:  more erased_lines.

CREATE OR REPLACE TEMP TABLE erased_values AS
WITH named AS (
    SELECT DISTINCT 'event' AS kind, event_id AS value FROM rows_given
    UNION ALL SELECT DISTINCT 'record', record_id FROM rows_given
    UNION ALL SELECT DISTINCT 'user', user_id FROM rows_given
    UNION ALL SELECT DISTINCT 'device', device_id FROM rows_given
    UNION ALL SELECT DISTINCT 'email', email_key FROM rows_given
    UNION ALL SELECT DISTINCT 'phone', phone_key FROM rows_given
    UNION ALL SELECT DISTINCT 'order', order_id FROM rows_given
    UNION ALL SELECT DISTINCT 'ticket', ticket_id FROM rows_given
)
SELECT kind, value
FROM named
JOIN prefixes USING (kind)
WHERE value IS NOT NULL AND tombstone_of(prefix || value) IN (SELECT tombstone FROM tombstones);

CREATE OR REPLACE TEMP TABLE nobodies AS
WITH named AS (
    SELECT DISTINCT 'user' AS kind, user_id AS value FROM rows_given
    UNION ALL SELECT DISTINCT 'email', email_key FROM rows_given
    UNION ALL SELECT DISTINCT 'phone', phone_key FROM rows_given
)
SELECT kind, value
FROM named
JOIN prefixes USING (kind)
WHERE (kind = 'email' AND starts_with(value, 'shared-'))
    OR tombstone_of('nobody:' || prefix || value) IN (SELECT tombstone FROM tombstones);

-- A record that cannot be read has no columns, so every word of it may be an identifier of any kind.
CREATE OR REPLACE TEMP TABLE erased_words AS
SELECT word
FROM (SELECT DISTINCT word FROM words_given) AS words
CROSS JOIN prefixes
WHERE tombstone_of(prefix || word) IN (SELECT tombstone FROM tombstones)
UNION
SELECT clear
FROM contacts
WHERE tombstone_of(kind || ':' || pseudonym) IN (SELECT tombstone FROM tombstones);

-- A device, an order or a ticket may be somebody else's too: it tells whose a row is only where no login does, but one
-- that names nobody, such as guest.
INSERT INTO erased_lines
SELECT line_no FROM rows_given
WHERE event_id IN (SELECT value FROM erased_values WHERE kind = 'event')
    OR record_id IN (SELECT value FROM erased_values WHERE kind = 'record')
    OR user_id IN (SELECT value FROM erased_values WHERE kind = 'user')
    OR email_key IN (SELECT value FROM erased_values WHERE kind = 'email')
    OR phone_key IN (SELECT value FROM erased_values WHERE kind = 'phone')
    OR (
        (user_id IS NULL OR user_id IN (SELECT value FROM nobodies WHERE kind = 'user'))
        AND (email_key IS NULL OR email_key IN (SELECT value FROM nobodies WHERE kind = 'email'))
        AND (phone_key IS NULL OR phone_key IN (SELECT value FROM nobodies WHERE kind = 'phone'))
        AND (
            device_id IN (SELECT value FROM erased_values WHERE kind = 'device')
            OR order_id IN (SELECT value FROM erased_values WHERE kind = 'order')
            OR ticket_id IN (SELECT value FROM erased_values WHERE kind = 'ticket')
        )
    )
UNION
SELECT line_no FROM words_given SEMI JOIN erased_words USING (word)
EXCEPT
SELECT line_no FROM erased_lines;
