-- events of Zendesk tickets: up to four rows per ticket, in this order: opened, first response, resolved, rated.
-- key: line_no, event_name
-- A time that is given and cannot be read faults the record, as does a rating that is no number from 1 to 5.
-- A deleted ticket is filtered. Parameters: rating_field and order_field (ids of custom fields or NULL), is_external.
-- reads: records
WITH docs AS (
    SELECT
        line_no,
        fault,
        md5_number_lower(raw) AS record_hash,
        json_transform(
            CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END,
            '{
                "id": "VARCHAR", "created_at": "VARCHAR", "updated_at": "VARCHAR", "status": "VARCHAR",
                "priority": "VARCHAR", "tags": ["VARCHAR"], "requester_id": "VARCHAR", "organization_id": "VARCHAR",
                "via": {"channel": "VARCHAR"},
                "satisfaction_rating": {"score": "VARCHAR", "updated_at": "VARCHAR"},
                "custom_fields": [{"id": "BIGINT", "value": "VARCHAR"}],
                "requester": {"external_id": "VARCHAR", "email": "VARCHAR", "phone": "VARCHAR"},
                "metric_set": {
                    "reply_time_in_minutes": {"calendar": "VARCHAR"}, "solved_at": "VARCHAR", "reopens": "BIGINT"
                }
            }'
        ) AS doc,
        json_type(
            CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END,
            ['$.via', '$.satisfaction_rating', '$.requester', '$.metric_set']
        ) AS kinds
    FROM records
),

tickets AS (
    SELECT
        line_no,
        fault,
        record_hash,
        doc,
        kinds,
        try_cast(doc.created_at AS TIMESTAMPTZ) AS created_at,
        try_cast(doc.updated_at AS TIMESTAMPTZ) AS updated_at,
        try_cast(doc.metric_set.solved_at AS TIMESTAMPTZ) AS solved_at,
        try_cast(doc.metric_set.reply_time_in_minutes.calendar AS DOUBLE) AS reply_minutes,
        try_cast(doc.satisfaction_rating.updated_at AS TIMESTAMPTZ) AS satisfied_at,
        nullif(trim(list_filter(doc.custom_fields, lambda f: f.id = $rating_field::BIGINT)[1].value), '') AS answer,
        nullif(trim(list_filter(doc.custom_fields, lambda f: f.id = $order_field::BIGINT)[1].value), '') AS order_id
    FROM docs
),

ratings AS (
    SELECT
        * EXCLUDE (reply_minutes),
        -- a century of minutes: beyond it the number is no reply time
        CASE WHEN reply_minutes BETWEEN 0 AND 52560000 THEN to_minutes(reply_minutes::BIGINT) END AS reply_time,
        -- a drop-down answers with a tag such as 'rating_4'
        try_cast(nullif(regexp_extract(answer, '^(?:.*_)?([1-5])(?:[.]0+)?$', 1), '') AS DOUBLE) AS points,
        CASE doc.satisfaction_rating.score WHEN 'good' THEN 1.0 WHEN 'bad' THEN 0.0 END AS is_good
    FROM tickets
),

judged AS (
    SELECT
        *,
        coalesce(
            fault,
            CASE
                WHEN doc IS NULL THEN 'bad_json'
                WHEN len(list_filter(kinds, lambda kind: kind NOT IN ('OBJECT', 'NULL'))) > 0 THEN 'wrong_shape'
                WHEN doc.id IS NULL THEN 'no_id'
                WHEN coalesce(NOT isfinite(created_at), TRUE) OR coalesce(NOT isfinite(updated_at), TRUE) THEN 'bad_time'
                WHEN doc.metric_set.solved_at IS NOT NULL AND coalesce(NOT isfinite(solved_at), TRUE) THEN 'bad_time'
                WHEN doc.metric_set.reply_time_in_minutes.calendar IS NOT NULL AND reply_time IS NULL THEN 'bad_time'
                WHEN doc.satisfaction_rating.updated_at IS NOT NULL AND coalesce(NOT isfinite(satisfied_at), TRUE)
                    THEN 'bad_time'
                WHEN answer IS NOT NULL AND points IS NULL THEN 'bad_rating'
            END
        ) AS record_fault,
        CASE WHEN doc.status = 'deleted' THEN 'deleted_ticket' END AS reason
    FROM ratings
),

happenings AS (
    SELECT
        judged.*,
        unnest(
            [
                {'sequence': 1, 'event_name': 'ticket_opened', 'happened_at': created_at},
                {'sequence': 2, 'event_name': 'first_response', 'happened_at': created_at + reply_time},
                {'sequence': 3, 'event_name': 'resolved', 'happened_at': solved_at},
                {
                    'sequence': 4,
                    'event_name': 'rated',
                    'happened_at': CASE
                        WHEN points IS NOT NULL THEN coalesce(solved_at, updated_at)
                        WHEN is_good IS NOT NULL THEN coalesce(satisfied_at, solved_at, updated_at)
                    END
                }
            ],
            recursive := TRUE
        )
    FROM judged
)

SELECT
    line_no,
    record_fault AS fault,
    CASE WHEN record_fault IS NULL THEN reason END AS filter_reason,
    'ticket ' || doc.id || ' ' || event_name AS identity,
    event_name,
    CASE
        WHEN doc.via.channel IN ('voice', 'phone', 'phone_call_inbound', 'phone_call_outbound', 'voicemail') THEN 'phone'
        WHEN doc.via.channel IN ('native_messaging', 'messaging', 'chat') THEN 'chat'
        WHEN doc.via.channel IN ('web', 'web_form', 'web_widget', 'help_center') THEN 'web'
        ELSE doc.via.channel
    END AS channel,
    event_name IN ('first_response', 'resolved') AS is_passive,
    CASE WHEN isfinite(happened_at) THEN happened_at AT TIME ZONE 'UTC' END AS occurred_at,
    sequence::BIGINT AS sequence,
    CASE WHEN $is_external::BOOLEAN THEN nullif(doc.requester.external_id, '') ELSE doc.requester_id END AS user_id,
    nullif(doc.requester.email, '') AS email,
    nullif(doc.requester.phone, '') AS phone,
    doc.organization_id AS account_id,
    order_id,
    doc.id AS ticket_id,
    CASE WHEN event_name = 'rated' THEN coalesce(points, is_good) END AS rating,
    CASE WHEN event_name = 'rated' THEN CASE WHEN points IS NOT NULL THEN 5.0 ELSE 1.0 END END::DOUBLE AS rating_max,
    to_json({'priority': doc.priority, 'reopens': doc.metric_set.reopens, 'tags': doc.tags})::VARCHAR AS properties,
    doc.id AS record_id,
    record_hash,
    CASE WHEN isfinite(updated_at) THEN updated_at AT TIME ZONE 'UTC' END AS updated_at
FROM happenings
-- a record that is faulted or filtered says so once
WHERE CASE WHEN record_fault IS NULL AND reason IS NULL THEN happened_at IS NOT NULL ELSE sequence = 1 END
ORDER BY line_no, sequence;
