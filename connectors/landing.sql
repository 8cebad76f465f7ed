-- Decide the fate of every record of one delivery, and make the events of the accepted ones.
-- Given: delivery (one row), records (line_no, raw, fault, ...), parsed (0..n events per record, see connectors.schema),
--        pseudonyms (kind, clear, pseudonym), landed (what this source landed before), landed_quarantine (likewise).
-- Made:  faults, filters, accepted, fates (one row per record).

-- A record is quarantined whole when it, or any event of it, cannot be read.
CREATE TEMP TABLE faults AS
SELECT line_no, min(fault) AS fault
FROM (
    SELECT line_no, fault FROM records WHERE fault IS NOT NULL
    UNION ALL
    SELECT line_no, fault FROM parsed WHERE fault IS NOT NULL
    UNION ALL
    SELECT line_no, 'no_event_name' FROM parsed WHERE occurred_at IS NOT NULL AND event_name IS NULL
    UNION ALL
    SELECT line_no, 'no_identity' FROM parsed WHERE occurred_at IS NOT NULL AND event_id IS NULL AND identity IS NULL
    UNION ALL
    SELECT line_no, 'no_record_id' FROM parsed, delivery WHERE is_snapshot AND occurred_at IS NOT NULL AND record_id IS NULL
    UNION ALL
    SELECT line_no, 'time_out_of_range' FROM parsed, delivery WHERE occurred_at < earliest OR occurred_at > latest
)
GROUP BY line_no;

-- The source, or the definition, says that a record does not count.
CREATE TEMP TABLE filters AS
SELECT line_no, min(filter_reason) AS reason
FROM parsed
WHERE filter_reason IS NOT NULL
GROUP BY line_no;

CREATE TEMP TABLE candidates AS
WITH readable AS (
    SELECT parsed.*, delivery.source, is_snapshot, keeps_exact_duplicates, delivery.channel AS default_channel
    FROM parsed, delivery
    WHERE occurred_at IS NOT NULL
        AND line_no NOT IN (SELECT line_no FROM faults)
        AND line_no NOT IN (SELECT line_no FROM filters)
),
repeated AS (
    SELECT identity, event_name
    FROM readable
    WHERE event_id IS NULL AND keeps_exact_duplicates AND NOT is_snapshot
    GROUP BY identity, event_name
    HAVING count(*) > 1
),
occurrences AS (
    -- The occurrence keeps true repeats apart that the source gave no id of their own.
    SELECT line_no, identity, event_name, row_number() OVER (PARTITION BY identity, event_name ORDER BY line_no) AS occurrence
    FROM readable
    SEMI JOIN repeated USING (identity, event_name)
)
SELECT readable.* EXCLUDE (event_id),
    coalesce(event_id, left(md5(concat_ws(chr(31), source, identity, event_name, coalesce(occurrence, 1))), 20)) AS event_id
FROM readable
LEFT JOIN occurrences USING (line_no, identity, event_name);

-- append: the first one landed wins, for ever.  snapshot: a version that equals the one we have is a repeat.
CREATE TEMP TABLE latest_versions AS
SELECT record_id, record_hash
FROM landed
WHERE record_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY updated_at DESC NULLS LAST, load_seq DESC, line_no DESC) = 1;

CREATE TEMP TABLE judged AS
WITH keyed AS (
    SELECT *, CASE WHEN is_snapshot THEN concat_ws(chr(31), record_id, record_hash) ELSE event_id END AS delivery_key
    FROM candidates
),
repeated AS (
    SELECT delivery_key
    FROM keyed
    GROUP BY delivery_key
    HAVING min(line_no) < max(line_no)
),
firsts AS (
    SELECT DISTINCT delivery_key,
        first_value(line_no) OVER (PARTITION BY delivery_key ORDER BY line_no) AS first_line_no,
        first_value(record_hash) OVER (PARTITION BY delivery_key ORDER BY line_no) AS first_hash
    FROM keyed
    SEMI JOIN repeated USING (delivery_key)
),
placed AS (
    SELECT keyed.*, coalesce(first_line_no, line_no) AS first_line_no, first_hash
    FROM keyed
    LEFT JOIN firsts USING (delivery_key)
)
SELECT placed.*,
    CASE
        WHEN placed.line_no <> first_line_no AND placed.record_hash IS DISTINCT FROM first_hash THEN 'conflict'
        WHEN placed.line_no <> first_line_no THEN 'repeated'
        WHEN is_snapshot AND latest_versions.record_id IS NOT NULL THEN 'landed_before'
        WHEN is_snapshot OR landed.event_id IS NULL THEN NULL
        WHEN placed.record_hash IS DISTINCT FROM landed.record_hash THEN 'conflict'
        ELSE 'landed_before'
    END AS duplicate_reason
FROM placed
LEFT JOIN latest_versions ON placed.record_id = latest_versions.record_id AND placed.record_hash = latest_versions.record_hash
LEFT JOIN (SELECT DISTINCT event_id, record_hash FROM landed WHERE record_id IS NULL) AS landed ON placed.event_id = landed.event_id;

CREATE TEMP VIEW accepted AS
SELECT
    source,
    event_id,
    event_name,
    coalesce(channel, default_channel) AS channel,
    outcome,
    coalesce(is_passive, false) AS is_passive,
    occurred_at,
    received_at,
    coalesce(sequence, line_no) AS sequence,
    nullif(device_id, '') AS device_id,
    nullif(user_id, '') AS user_id,
    emails.pseudonym AS email_key,
    phones.pseudonym AS phone_key,
    nullif(account_id, '') AS account_id,
    nullif(session_key, '') AS session_key,
    -- The path alone: a query may carry tokens and addresses.
    CASE WHEN page IS NOT NULL
        THEN coalesce(nullif(regexp_extract(page, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)', 1), ''), '/') END AS page_path,
    nullif(lower(regexp_extract(referrer, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1)), '') AS referrer_host,
    nullif(campaign_source, '') AS campaign_source,
    nullif(campaign_medium, '') AS campaign_medium,
    nullif(campaign_name, '') AS campaign_name,
    nullif(device_type, '') AS device_type,
    nullif(country, '') AS country,
    nullif(order_id, '') AS order_id,
    nullif(ticket_id, '') AS ticket_id,
    nullif(product_id, '') AS product_id,
    amount,
    currency,
    rating,
    rating_max,
    is_bot,
    properties,
    record_id,
    updated_at,
    record_hash,
    load_seq,
    file_id,
    line_no
FROM (SELECT judged.*, delivery.load_seq, delivery.file_id FROM judged, delivery WHERE duplicate_reason IS NULL) AS fresh
LEFT JOIN pseudonyms AS emails ON emails.kind = 'email' AND emails.clear = fresh.email
LEFT JOIN pseudonyms AS phones ON phones.kind = 'phone' AND phones.clear = fresh.phone
ORDER BY line_no, event_name, event_id;

CREATE TEMP VIEW quarantined AS
SELECT records.line_no, faults.fault AS reason, records.raw, md5(records.raw) AS raw_hash
FROM records
JOIN faults ON records.line_no = faults.line_no
WHERE md5(records.raw) NOT IN (SELECT raw_hash FROM landed_quarantine)
ORDER BY records.line_no;

CREATE TEMP TABLE fates AS
WITH events_of_record AS (
    SELECT line_no, bool_or(duplicate_reason IS NULL) AS is_accepted, min(duplicate_reason) AS duplicate_reason
    FROM judged
    GROUP BY line_no
)
SELECT status, reason, count(*) AS n_records
FROM (
    SELECT
        CASE
            WHEN faults.line_no IS NOT NULL AND quarantined.line_no IS NULL THEN 'duplicate'
            WHEN faults.line_no IS NOT NULL THEN 'quarantined'
            WHEN filters.line_no IS NOT NULL THEN 'filtered'
            WHEN is_accepted THEN 'accepted'
            WHEN NOT is_accepted THEN 'duplicate'
            ELSE 'filtered'
        END AS status,
        CASE
            WHEN faults.line_no IS NOT NULL AND quarantined.line_no IS NULL THEN 'quarantined_before'
            WHEN faults.line_no IS NOT NULL THEN faults.fault
            WHEN filters.line_no IS NOT NULL THEN filters.reason
            WHEN is_accepted THEN NULL
            WHEN NOT is_accepted THEN duplicate_reason
            ELSE 'no_time'
        END AS reason
    FROM (SELECT line_no FROM records) AS all_records
    LEFT JOIN faults ON all_records.line_no = faults.line_no
    LEFT JOIN filters ON all_records.line_no = filters.line_no
    LEFT JOIN (SELECT line_no FROM quarantined) AS quarantined ON all_records.line_no = quarantined.line_no
    LEFT JOIN events_of_record ON all_records.line_no = events_of_record.line_no
)
GROUP BY status, reason
ORDER BY status, reason NULLS FIRST;
