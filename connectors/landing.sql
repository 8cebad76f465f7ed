-- Decide the fate of every record of one delivery, and make the events of the accepted ones.
-- Given: delivery (one row), records (line_no, raw, fault, ...), parsed (0..n events per record, see connectors.schema),
--        pseudonyms (kind, clear, pseudonym), ip_prefixes (ip, ip_prefix), user_agents (user_agent, filter_reason, device_type),
--        landed (what this source landed before), landed_quarantine (likewise).
-- Made:  faults, filters, accepted, quarantined, fates (one row per record).
-- Wide rows are copied once, into parsed; what is decided about them stays narrow and points there by rowid.

-- A record is quarantined whole when it, or any event of it, cannot be read.
CREATE TEMP TABLE faults AS
SELECT line_no, coalesce(min(unreadable), min(fault)) AS fault
FROM (
    SELECT line_no, fault, fault AS unreadable FROM records WHERE fault IS NOT NULL
    UNION ALL BY NAME
    SELECT line_no, fault FROM parsed WHERE fault IS NOT NULL
    UNION ALL BY NAME
    SELECT line_no, 'no_event_name' AS fault FROM parsed WHERE occurred_at IS NOT NULL AND event_name IS NULL
    UNION ALL BY NAME
    SELECT line_no, 'no_identity' AS fault FROM parsed WHERE occurred_at IS NOT NULL AND event_id IS NULL AND identity IS NULL
    UNION ALL BY NAME
    SELECT line_no, 'no_record_id' AS fault FROM parsed, delivery WHERE is_snapshot AND occurred_at IS NOT NULL AND record_id IS NULL
    UNION ALL BY NAME
    SELECT line_no, 'same_event_id' AS fault FROM parsed
    WHERE occurred_at IS NOT NULL AND event_id IS NOT NULL
    GROUP BY line_no, event_id
    HAVING count(*) > 1
    UNION ALL BY NAME
    -- A thousand times too early or too late is a number read in the wrong unit, here or before it came here.
    SELECT line_no,
        CASE
            WHEN NOT isfinite(instant) THEN 'bad_time'
            WHEN epoch_us(instant) BETWEEN epoch_us(earliest) // 1000 AND epoch_us(latest) // 1000 THEN 'time_unit'
            WHEN epoch_us(instant) BETWEEN epoch_us(earliest) * 1000 AND epoch_us(latest) * 1000 THEN 'time_unit'
            WHEN instant < earliest THEN 'time_before_2000'
            ELSE 'time_in_future'
        END AS fault
    FROM (
        SELECT line_no, occurred_at AS instant, earliest,
            least(latest, CASE WHEN received_at >= earliest THEN received_at + INTERVAL 1 DAY END) AS latest
        FROM parsed, delivery
        WHERE occurred_at IS NOT NULL
        UNION ALL BY NAME
        -- A version that claims to be of next year would win for ever.
        SELECT line_no, greatest(received_at, updated_at) AS instant, TIMESTAMP '-infinity' AS earliest, latest
        FROM parsed, delivery
        WHERE received_at > latest OR updated_at > latest
    )
    WHERE instant < earliest OR instant > latest
)
GROUP BY line_no;

-- The source, or the definition, says that a record does not count.
CREATE TEMP TABLE filters AS
SELECT line_no, min(filter_reason) AS reason
FROM (
    SELECT line_no, filter_reason FROM parsed WHERE filter_reason IS NOT NULL
    UNION ALL BY NAME
    SELECT line_no, 'bot' AS filter_reason FROM parsed WHERE is_bot
    UNION ALL BY NAME
    SELECT line_no, user_agents.filter_reason
    FROM parsed
    JOIN user_agents USING (user_agent)
    WHERE user_agents.filter_reason IS NOT NULL
)
GROUP BY line_no;

-- What can be told apart has a name: the source's id of the event, or else the record's identity and the event's name.
CREATE TEMP TABLE candidates AS
SELECT parsed.rowid AS row_no, line_no, record_id, updated_at, record_hash, event_id IS NOT NULL AS has_id,
    coalesce(event_id, concat_ws(chr(31), source, identity, event_name)) AS name
FROM parsed
CROSS JOIN delivery
ANTI JOIN faults USING (line_no)
ANTI JOIN filters USING (line_no)
WHERE occurred_at IS NOT NULL;

-- Those whose name occurs more than once.  The occurrence keeps true repeats apart that the source gave no id of their
-- own; the place tells the first of those that are not to be kept apart.
CREATE TEMP TABLE repeats AS
WITH repeated AS (
    -- Hashes are quick to group by, and two names of one hash do no harm here.
    SELECT hash(name) AS name_hash
    FROM candidates
    GROUP BY name_hash
    HAVING count(*) > 1
),
numbered AS (
    SELECT row_no, line_no, record_hash, name,
        row_number() OVER (
            PARTITION BY name, CASE WHEN has_id OR is_snapshot OR NOT keeps_exact_duplicates THEN line_no END
            ORDER BY line_no, row_no) AS occurrence
    FROM candidates
    CROSS JOIN delivery
    SEMI JOIN repeated ON hash(name) = name_hash
)
SELECT row_no, occurrence,
    row_number() OVER of_name AS place,
    first_value(record_hash) OVER of_name AS first_hash
FROM numbered
WINDOW of_name AS (PARTITION BY name, occurrence ORDER BY line_no, row_no);

CREATE TEMP TABLE named AS
SELECT candidates.* EXCLUDE (name, has_id), coalesce(place, 1) AS place, first_hash,
    CASE WHEN has_id THEN name ELSE left(md5(concat_ws(chr(31), name, coalesce(occurrence, 1))), 20) END AS event_id
FROM candidates
LEFT JOIN repeats USING (row_no);

-- append: the first one landed wins, for ever.
CREATE TEMP TABLE landed_events AS
SELECT event_id, arg_min(record_hash, load_seq) AS landed_hash, count(*) AS n_landed
FROM landed
SEMI JOIN named USING (event_id)
WHERE NOT (SELECT is_snapshot FROM delivery)
GROUP BY event_id;

-- snapshot: a version that equals the one before it is a repeat; going back to an older one is a change.
CREATE TEMP TABLE versions AS
WITH given AS (
    SELECT line_no, record_id, max(updated_at) AS updated_at, max(record_hash) AS record_hash
    FROM named
    WHERE (SELECT is_snapshot FROM delivery)
    GROUP BY line_no, record_id
),
latest AS (
    SELECT record_id, updated_at, record_hash AS landed_hash
    FROM landed
    SEMI JOIN given USING (record_id)
    QUALIFY row_number() OVER (PARTITION BY record_id, updated_at ORDER BY load_seq DESC, line_no DESC) = 1
)
SELECT line_no, given.record_id,
    CASE record_hash
        WHEN lag(record_hash) OVER of_record THEN 'repeated'
        WHEN CASE WHEN row_number() OVER of_record = 1 THEN landed_hash END THEN 'landed_before'
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
CREATE TEMP MACRO is_token(segment) AS regexp_full_match(segment, '[A-Za-z0-9_.~-]{20,}(=|%3D)*') AND (
    len(regexp_extract_all(segment, '[0-9][A-Za-z]|[A-Za-z][0-9]')) >= 3
    OR regexp_matches(segment, '[0-9]') AND regexp_matches(segment, '[a-z]') AND regexp_matches(segment, '[A-Z]')
        AND NOT regexp_matches(segment, '[_.~-]')
);
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
    struct_pack(name := name, value := regexp_replace(value, '[^\s@]+@[^\s@]+[.][^\s@]+', '(email)', 'g')) ORDER BY name))) AS VARCHAR) AS query
FROM kept
GROUP BY page;

CREATE TEMP TABLE pages AS
SELECT page, query,
    coalesce(nullif(array_to_string(list_transform(segments, lambda segment, i: masked(segment, segments[i - 1])), '/'), ''), '/')
        AS page_path
FROM addresses
LEFT JOIN queries USING (page);

CREATE TEMP TABLE referrers AS
SELECT referrer, nullif(lower(regexp_extract(referrer, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)', 1)), '') AS referrer_host
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
JOIN judged ON parsed.rowid = judged.row_no
CROSS JOIN delivery
LEFT JOIN pseudonyms AS emails ON emails.kind = 'email' AND emails.clear = email
LEFT JOIN pseudonyms AS phones ON phones.kind = 'phone' AND phones.clear = phone
LEFT JOIN ip_prefixes ON parsed.ip = ip_prefixes.ip
LEFT JOIN user_agents ON parsed.user_agent = user_agents.user_agent
LEFT JOIN pages ON parsed.page = pages.page
LEFT JOIN referrers ON parsed.referrer = referrers.referrer
WHERE duplicate_reason IS NULL
ORDER BY parsed.line_no, event_name, judged.event_id;

CREATE TEMP TABLE quarantined AS
SELECT records.line_no, faults.fault AS reason, records.raw, md5(records.raw) AS raw_hash
FROM records
JOIN faults ON records.line_no = faults.line_no
ANTI JOIN landed_quarantine ON md5(records.raw) = landed_quarantine.raw_hash
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
    LEFT JOIN filters ON all_records.line_no = filters.line_no
    LEFT JOIN quarantined ON all_records.line_no = quarantined.line_no
    -- Full: an event, or a fault, of a record that is not there would unbalance the ledger, and so be found.
    FULL JOIN faults ON all_records.line_no = faults.line_no
    FULL JOIN events_of_record ON all_records.line_no = events_of_record.line_no
)
GROUP BY status, reason
ORDER BY status, reason NULLS FIRST;
