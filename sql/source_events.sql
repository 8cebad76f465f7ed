-- source_events: one row per event that counts; of a record that a snapshot source sent again, the latest version only.
-- key: event_id
-- partition: none
-- publish: no
-- reads: landed_events, sources
WITH versions AS (
    SELECT source, record_id, load_seq, line_no,
        row_number() OVER (PARTITION BY source, record_id ORDER BY updated_at DESC NULLS LAST, load_seq DESC, line_no DESC) AS newness
    FROM (SELECT DISTINCT source, record_id, updated_at, load_seq, line_no FROM landed_events WHERE record_id IS NOT NULL)
),
counted AS (
    SELECT * FROM landed_events WHERE record_id IS NULL
    UNION ALL
    SELECT landed_events.*
    FROM landed_events
    JOIN versions
        ON landed_events.source = versions.source AND landed_events.record_id = versions.record_id
        AND landed_events.load_seq = versions.load_seq AND landed_events.line_no = versions.line_no
    WHERE versions.newness = 1
)
SELECT counted.*,
    sources.source_rank,
    'user:' || sources.user_namespace || ':' || counted.user_id AS user_identifier,
    'email:' || counted.email_key AS email_identifier,
    'phone:' || counted.phone_key AS phone_identifier,
    'device:' || sources.device_namespace || ':' || counted.device_id AS device_identifier
FROM counted
JOIN sources ON counted.source = sources.source;
