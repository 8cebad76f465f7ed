-- events of shop orders: placed; per fulfilment shipped and delivered; per refund refunded; cancelled.
-- key: line_no, identity
-- A time that is given and cannot be read, or an amount that is no number, faults the record. A test order is filtered.
-- reads: records
WITH docs AS (
    SELECT
        line_no,
        fault,
        md5_number_lower(raw) AS record_hash,
        json_transform(
            CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END,
            '{
                "id": "VARCHAR", "created_at": "VARCHAR", "processed_at": "VARCHAR", "updated_at": "VARCHAR",
                "cancelled_at": "VARCHAR", "test": "VARCHAR", "total_price": "VARCHAR", "currency": "VARCHAR",
                "email": "VARCHAR", "contact_email": "VARCHAR", "phone": "VARCHAR", "source_name": "VARCHAR",
                "customer": {"id": "VARCHAR", "email": "VARCHAR", "phone": "VARCHAR"},
                "shipping_address": {"country_code": "VARCHAR"},
                "billing_address": {"country_code": "VARCHAR"},
                "fulfillments": [{
                    "id": "VARCHAR", "created_at": "VARCHAR", "updated_at": "VARCHAR", "status": "VARCHAR",
                    "shipment_status": "VARCHAR"
                }],
                "refunds": [{
                    "id": "VARCHAR", "created_at": "VARCHAR",
                    "transactions": [{"amount": "VARCHAR", "kind": "VARCHAR", "status": "VARCHAR"}]
                }]
            }'
        ) AS doc,
        json_type(
            CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END,
            ['$.customer', '$.shipping_address', '$.billing_address', '$.fulfillments', '$.refunds']
        ) AS kinds,
        json_type(CASE WHEN fault IS NULL AND json_valid(raw) THEN raw END, '$.refunds[*].transactions') AS kinds_in_refunds
    FROM records
),

fulfilments AS (
    SELECT line_no, unnest(doc.fulfillments, recursive := TRUE) FROM docs
),

refunds AS (
    SELECT
        line_no,
        refund.id,
        refund.created_at,
        list_transform(
            list_filter(
                refund.transactions,
                lambda t: coalesce(t.kind, 'refund') = 'refund' AND coalesce(t.status, 'success') = 'success'
            ),
            lambda t: try_cast(t.amount AS DECIMAL(18, 4))
        ) AS amounts
    FROM (SELECT line_no, unnest(doc.refunds) AS refund FROM docs)
),

happenings AS (
    SELECT
        line_no,
        1 AS sequence,
        'order_placed' AS event_name,
        NULL AS part_id,
        coalesce(doc.processed_at, doc.created_at, '') AS at_text,
        try_cast(doc.total_price AS DECIMAL(18, 4)) AS amount,
        try_cast(doc.total_price AS DECIMAL(18, 4)) IS NULL AS is_bad_amount
    FROM docs
    UNION ALL
    SELECT line_no, 2, 'order_shipped', id, coalesce(created_at, ''), NULL, FALSE
    FROM fulfilments
    WHERE coalesce(status, 'success') NOT IN ('cancelled', 'error', 'failure')
    UNION ALL
    SELECT line_no, 3, 'order_delivered', id, coalesce(updated_at, ''), NULL, FALSE
    FROM fulfilments
    WHERE shipment_status = 'delivered' AND coalesce(status, 'success') NOT IN ('cancelled', 'error', 'failure')
    UNION ALL
    SELECT
        line_no,
        4,
        'order_refunded',
        id,
        coalesce(created_at, ''),
        try_cast(coalesce(list_sum(amounts), 0) AS DECIMAL(18, 4)),
        coalesce(list_count(amounts) < len(amounts), FALSE)
    FROM refunds
    UNION ALL
    SELECT line_no, 5, 'order_cancelled', NULL, doc.cancelled_at, NULL, FALSE
    FROM docs
    WHERE doc.cancelled_at IS NOT NULL
),

timed AS (
    SELECT *, try_cast(at_text AS TIMESTAMPTZ) AS happened_at FROM happenings
),

faults AS (
    SELECT
        line_no,
        bool_or(coalesce(NOT isfinite(happened_at), TRUE)) AS has_bad_time,
        bool_or(is_bad_amount) AS has_bad_amount
    FROM timed
    GROUP BY line_no
),

orders AS (
    SELECT
        docs.line_no,
        record_hash,
        doc,
        try_cast(doc.updated_at AS TIMESTAMPTZ) AS updated_at,
        coalesce(
            fault,
            CASE
                WHEN doc IS NULL THEN 'bad_json'
                WHEN len(list_filter(kinds[1:3], lambda kind: kind NOT IN ('OBJECT', 'NULL'))) > 0
                    OR len(list_filter(kinds[4:5] || kinds_in_refunds, lambda kind: kind NOT IN ('ARRAY', 'NULL'))) > 0 THEN 'wrong_shape'
                WHEN doc.id IS NULL THEN 'no_id'
                WHEN doc.test IS NOT NULL AND try_cast(doc.test AS BOOLEAN) IS NULL THEN 'bad_test'
                WHEN has_bad_time
                    OR coalesce(NOT isfinite(try_cast(doc.created_at AS TIMESTAMPTZ)), TRUE)
                    OR coalesce(NOT isfinite(try_cast(doc.updated_at AS TIMESTAMPTZ)), TRUE) THEN 'bad_time'
                WHEN has_bad_amount THEN 'bad_amount'
            END
        ) AS record_fault,
        CASE WHEN try_cast(doc.test AS BOOLEAN) THEN 'test_order' END AS reason
    FROM docs
    INNER JOIN faults ON docs.line_no = faults.line_no
)

SELECT
    orders.line_no,
    record_fault AS fault,
    CASE WHEN record_fault IS NULL THEN reason END AS filter_reason,
    'order ' || doc.id || ' ' || event_name || coalesce(' ' || part_id, '') AS identity,
    event_name,
    'shop' AS channel,
    event_name <> 'order_placed' AS is_passive,
    CASE WHEN isfinite(happened_at) THEN happened_at AT TIME ZONE 'UTC' END AS occurred_at,
    sequence::BIGINT AS sequence,
    doc.customer.id AS user_id,
    coalesce(nullif(doc.email, ''), nullif(doc.contact_email, ''), nullif(doc.customer.email, '')) AS email,
    coalesce(nullif(doc.phone, ''), nullif(doc.customer.phone, '')) AS phone,
    coalesce(doc.shipping_address.country_code, doc.billing_address.country_code) AS country,
    doc.id AS order_id,
    amount,
    CASE WHEN amount IS NOT NULL THEN doc.currency END AS currency,
    to_json({'source_name': doc.source_name})::VARCHAR AS properties,
    doc.id AS record_id,
    record_hash,
    CASE WHEN isfinite(updated_at) THEN updated_at AT TIME ZONE 'UTC' END AS updated_at
FROM orders
INNER JOIN timed ON orders.line_no = timed.line_no
-- a record that is faulted or filtered says so once
WHERE CASE WHEN record_fault IS NULL AND reason IS NULL THEN happened_at IS NOT NULL ELSE sequence = 1 END
ORDER BY orders.line_no, sequence, identity;
