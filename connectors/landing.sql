-- Judge the records of one delivery by themselves: which cannot be read, which do not count, what the others are called.
-- Given: delivery (one row), records (line_no, raw, fault, ...), parsed (0..n events per record, see connectors.schema),
--        user_agents (user_agent, filter_reason, device_type).
-- Made:  faults, filters, named (one row per event), withdrawals (records sent again that give no event any more),
--        keys (by which to look for what has landed before).
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
    -- Nobody rates in millions: it is an id, or no number, in the wrong column.
    SELECT line_no, 'bad_rating' AS fault FROM parsed
    WHERE NOT coalesce(abs(rating) < 1e6, TRUE) OR NOT coalesce(abs(rating_max) < 1e6, TRUE)
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
SELECT line_no, coalesce(min(filter_reason) FILTER (WHERE filter_reason <> 'expired'), 'expired') AS reason
FROM (
    SELECT line_no, filter_reason FROM parsed WHERE filter_reason IS NOT NULL
    UNION ALL BY NAME
    SELECT line_no, 'bot' AS filter_reason FROM parsed WHERE is_bot
    UNION ALL BY NAME
    SELECT line_no, user_agents.filter_reason
    FROM parsed
    JOIN user_agents USING (user_agent)
    WHERE user_agents.filter_reason IS NOT NULL
    UNION ALL BY NAME
    -- Older than what is kept, all of it.
    SELECT line_no, 'expired' AS filter_reason
    FROM parsed, delivery
    GROUP BY line_no, expired_before
    HAVING max(occurred_at) < expired_before
)
GROUP BY line_no;

-- What can be told apart has a name: the source's id of the event, or else the record's identity and the event's name.
CREATE TEMP TABLE candidates AS
SELECT row_no, line_no, record_id, updated_at, record_hash, event_id IS NOT NULL AS has_id,
    coalesce(event_id, concat_ws(chr(31), source, identity, event_name)) AS name
FROM parsed
CROSS JOIN delivery
ANTI JOIN faults USING (line_no)
ANTI JOIN filters USING (line_no)
WHERE occurred_at IS NOT NULL AND (expired_before IS NULL OR occurred_at >= expired_before);

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

-- snapshot: a version that gives no event, or none that has not expired, takes back those of the version before it.
CREATE TEMP TABLE withdrawals AS
SELECT line_no, record_id, max(updated_at) AS updated_at, max(record_hash) AS record_hash
FROM parsed
ANTI JOIN faults USING (line_no)
ANTI JOIN named USING (line_no)
WHERE record_id IS NOT NULL AND (SELECT is_snapshot FROM delivery)
GROUP BY line_no, record_id;

CREATE TEMP VIEW keys AS
SELECT hash(CASE WHEN is_snapshot THEN record_id ELSE event_id END) AS key FROM named, delivery
UNION
SELECT hash(record_id) FROM withdrawals
UNION
SELECT hash(md5(raw)) FROM records SEMI JOIN faults USING (line_no);
