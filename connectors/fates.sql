-- Decide the fate of every record of one delivery, and make the events of the accepted ones.
-- Given: what landing.sql made, pseudonyms (kind, clear, pseudonym), ip_prefixes (ip, ip_prefix), and of what this source landed before all that may be
--        the same: landed (events and withdrawals), landed_quarantine (load_seq, raw_hash).
-- Made:  accepted, withdrawn, quarantined, fates (how many records met which).

-- Of an expired version nothing need be known where nothing is left of those before it.
DELETE FROM withdrawals
WHERE line_no IN (SELECT line_no FROM filters WHERE reason = 'expired') AND record_id NOT IN (
    SELECT record_id FROM landed WHERE record_id IS NOT NULL AND NOT is_withdrawn
    UNION ALL
    SELECT record_id FROM named WHERE record_id IS NOT NULL
);

-- append: the first one landed wins, for ever.
CREATE TEMP TABLE landed_events AS
SELECT event_id, arg_min(record_hash, load_seq) AS landed_hash, count(*) AS n_landed
FROM landed
SEMI JOIN named USING (event_id)
WHERE NOT (SELECT is_snapshot FROM delivery)
GROUP BY event_id;

-- snapshot: a version that equals the one before it is a repeat; going back to an older one is a change.  A version that
-- was in quarantine is as old as the delivery it came with.
CREATE TEMP TABLE versions AS
WITH given AS (
    SELECT line_no, record_id, max(updated_at) AS updated_at, max(record_hash) AS record_hash, false AS is_withdrawn
    FROM named
    WHERE (SELECT is_snapshot FROM delivery)
    GROUP BY line_no, record_id
    UNION ALL
    SELECT line_no, record_id, updated_at, record_hash, true AS is_withdrawn FROM withdrawals
),
latest AS (
    SELECT record_id, updated_at, came_with, record_hash AS landed_hash, is_withdrawn AS was_withdrawn
    FROM landed
    SEMI JOIN given USING (record_id)
    QUALIFY row_number() OVER (PARTITION BY record_id, updated_at ORDER BY load_seq DESC, line_no DESC) = 1
)
SELECT line_no, given.record_id, given.updated_at, record_hash AS version_hash, is_withdrawn,
    CASE
        WHEN record_hash = lag(record_hash) OVER of_record AND is_withdrawn = lag(is_withdrawn) OVER of_record THEN 'repeated'
        WHEN came_with > (SELECT replayed_load_seq FROM delivery) THEN 'superseded'
        WHEN row_number() OVER of_record = 1 AND record_hash = landed_hash AND is_withdrawn = was_withdrawn THEN 'landed_before'
    END AS duplicate_reason
FROM given
LEFT JOIN latest ON given.record_id = latest.record_id AND given.updated_at IS NOT DISTINCT FROM latest.updated_at
WINDOW of_record AS (PARTITION BY given.record_id, given.updated_at ORDER BY line_no);

CREATE TEMP TABLE judged AS
SELECT row_no, named.line_no, event_id,
    CASE
        WHEN is_snapshot THEN duplicate_reason
        WHEN place > 1 AND record_hash IS DISTINCT FROM first_hash THEN 'conflict'
        WHEN place > 1 THEN 'repeated'
        WHEN n_landed IS NULL THEN NULL
        WHEN record_hash IS DISTINCT FROM landed_hash THEN 'conflict'
        ELSE 'landed_before'
    END AS duplicate_reason
FROM named
CROSS JOIN delivery
LEFT JOIN landed_events USING (event_id)
LEFT JOIN versions ON named.line_no = versions.line_no AND named.record_id = versions.record_id;

-- Of an address the path and the named parameters of the query, of a referrer the host alone: the rest may carry tokens
-- and names.  A segment of a path that looks like an e-mail address or a token is masked.  Addresses are few beside
-- events, so each is read once.
CREATE TEMP MACRO is_email(segment) AS regexp_matches(segment, '.(@|%40|%2540).+[.].');
CREATE TEMP MACRO is_token_text(segment) AS regexp_full_match(segment, '[A-Za-z0-9_.~+-]{20,}(=|%3D)*') AND (
    len(regexp_extract_all(segment, '[0-9][A-Za-z]|[A-Za-z][0-9]')) >= 3
    OR regexp_matches(segment, '[0-9]') AND regexp_matches(segment, '[a-z]') AND regexp_matches(segment, '[A-Z]')
        AND NOT regexp_matches(segment, '[_.~+-]')
);
CREATE TEMP MACRO is_token(segment) AS is_token_text(regexp_replace(segment, '%2[BbFf]', '+', 'g'));
CREATE TEMP MACRO announces_token(segment) AS regexp_full_match(
    replace(replace(lower(segment), '-', ''), '_', ''),
    'reset|resetpassword|passwordreset|verify|verification|verifyemail|confirm|confirmation|activate|activation|invite|invitation|'
    || 'unsubscribe|token|magiclink|loginlink|signinlink');
CREATE TEMP MACRO masked(segment, before) AS CASE
    WHEN is_email(segment) THEN '(email)'
    WHEN is_token(segment) THEN '(token)'
    WHEN length(segment) >= 6 AND regexp_matches(segment, '[0-9]') AND announces_token(before) THEN '(token)'
    ELSE segment END;

CREATE TEMP TABLE addresses AS
SELECT page,
    string_split(regexp_replace(regexp_extract(page, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)', 1), ';[^/;=]*=[^/]*', '', 'g'), '/')
        AS segments,
    string_split(regexp_extract(page, '^[^?#]*[?]([^#]*)', 1), '&') AS parameters
FROM (SELECT DISTINCT page FROM parsed WHERE page IS NOT NULL);

CREATE TEMP TABLE queries AS
WITH named AS (
    SELECT page, parameter.name, parameter.value AS written, position
    FROM (
        SELECT page, position, regexp_extract(parameters[position], '^([^=]*)=(.+)$', ['name', 'value']) AS parameter
        FROM (SELECT page, parameters, unnest(generate_series(1, len(parameters))) AS position FROM addresses)
    )
),
kept AS (
    SELECT page, name, arg_min(coalesce(try(url_decode(replace(written, '+', ' '))), written), position) AS value
    FROM named, delivery
    WHERE list_contains(query, name)
    GROUP BY page, name
)
SELECT page, CAST(to_json(map_from_entries(list(
    struct_pack(name := name, value := regexp_replace(value, '[^\s@]+(@|%40)[^\s@]+[.][^\s@]+', '(email)', 'g')) ORDER BY name))) AS VARCHAR) AS query
FROM kept
GROUP BY page;

CREATE TEMP TABLE pages AS
SELECT page, query,
    coalesce(nullif(array_to_string(list_transform(segments, lambda segment, i: masked(segment, segments[i - 1])), '/'), ''), '/')
        AS page_path
FROM addresses
LEFT JOIN queries USING (page);

CREATE TEMP TABLE referrers AS
SELECT referrer, nullif(lower(regexp_extract(referrer, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#]*@)?([^/?#:]+)', 1)), '') AS referrer_host
FROM (SELECT DISTINCT referrer FROM parsed WHERE referrer IS NOT NULL);

CREATE TEMP VIEW accepted AS
SELECT
    source,
    judged.event_id,
    event_name,
    coalesce(parsed.channel, delivery.channel) AS channel,
    outcome,
    coalesce(is_passive, false) AS is_passive,
    occurred_at,
    received_at,
    coalesce(sequence, parsed.line_no) AS sequence,
    nullif(device_id, '') AS device_id,
    nullif(user_id, '') AS user_id,
    emails.pseudonym AS email_key,
    phones.pseudonym AS phone_key,
    nullif(account_id, '') AS account_id,
    nullif(session_key, '') AS session_key,
    page_path,
    referrer_host,
    nullif(campaign_source, '') AS campaign_source,
    nullif(campaign_medium, '') AS campaign_medium,
    nullif(campaign_name, '') AS campaign_name,
    coalesce(nullif(parsed.device_type, ''), user_agents.device_type) AS device_type,
    nullif(country, '') AS country,
    ip_prefix,
    nullif(order_id, '') AS order_id,
    nullif(ticket_id, '') AS ticket_id,
    nullif(product_id, '') AS product_id,
    amount,
    currency,
    rating,
    rating_max,
    is_bot,
    CASE WHEN pages.query IS NULL THEN properties ELSE CAST(json_merge_patch(coalesce(properties, '{}'), pages.query) AS VARCHAR) END
        AS properties,
    record_id,
    updated_at,
    record_hash,
    load_seq,
    file_id,
    parsed.line_no
FROM parsed
JOIN judged ON parsed.row_no = judged.row_no
CROSS JOIN delivery
LEFT JOIN pseudonyms AS emails ON emails.kind = 'email' AND emails.clear = email
LEFT JOIN pseudonyms AS phones ON phones.kind = 'phone' AND phones.clear = phone
LEFT JOIN ip_prefixes ON parsed.ip = ip_prefixes.ip
LEFT JOIN user_agents ON parsed.user_agent = user_agents.user_agent
LEFT JOIN pages ON parsed.page = pages.page
LEFT JOIN referrers ON parsed.referrer = referrers.referrer
WHERE duplicate_reason IS NULL
ORDER BY parsed.line_no, event_name, judged.event_id;

CREATE TEMP VIEW withdrawn AS
SELECT source, record_id, updated_at, version_hash AS record_hash, load_seq, file_id, line_no
FROM versions
CROSS JOIN delivery
WHERE is_withdrawn AND duplicate_reason IS NULL
ORDER BY line_no, record_id;

-- A record is in quarantine once, or where true repeats count as often as one file had it.
CREATE TEMP TABLE quarantined AS
WITH faulty AS (
    SELECT records.line_no, faults.fault AS reason, records.raw, md5(records.raw) AS raw_hash,
        count(*) OVER (PARTITION BY md5(records.raw)) AS n_in_file
    FROM records
    JOIN faults ON records.line_no = faults.line_no
),
in_quarantine AS (
    SELECT raw_hash, max(n_in_file) AS n_in_file
    FROM (SELECT raw_hash, load_seq, count(*) AS n_in_file FROM landed_quarantine GROUP BY raw_hash, load_seq)
    GROUP BY raw_hash
)
SELECT load_seq, file_id, faulty.line_no, faulty.reason, faulty.raw, faulty.raw_hash, record_columns
FROM faulty
CROSS JOIN delivery
LEFT JOIN in_quarantine ON faulty.raw_hash = in_quarantine.raw_hash
WHERE in_quarantine.n_in_file IS NULL OR (keeps_exact_duplicates AND NOT is_snapshot AND faulty.n_in_file > in_quarantine.n_in_file)
ORDER BY faulty.line_no;

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
    LEFT JOIN filters ON all_records.line_no = filters.line_no
    LEFT JOIN quarantined ON all_records.line_no = quarantined.line_no
    -- Full: an event, or a fault, of a record that is not there would unbalance the ledger, and so be found.
    FULL JOIN faults ON all_records.line_no = faults.line_no
    FULL JOIN events_of_record ON all_records.line_no = events_of_record.line_no
)
GROUP BY status, reason
ORDER BY status, reason NULLS FIRST;
