-- GA4 events of the BigQuery export, as the landing contract wants them.
-- reads: records (line_no, fault, and the columns of the export that connectors/ga4_export.py declares: of a Parquet file
-- in their types, of a JSON file as texts)
-- An event has no id of its own: it is named by device, instant, name and bundle, and its place in the batch it was sent in,
-- where the export tells that: without it two of one name stay apart by their order in the file.  Within one instant the bundle
-- comes first, then a rank by what an event of that name can only follow.
WITH typed AS (
    SELECT * REPLACE (TRY_CAST(event_timestamp AS BIGINT) AS event_timestamp, TRY_CAST(event_bundle_sequence_id AS BIGINT) AS event_bundle_sequence_id),
        TRY_CAST(TRY_CAST(ecommerce.purchase_revenue_in_usd AS DOUBLE) AS DECIMAL(18, 4)) AS amount,
        list_filter(event_params, lambda p: p.key = 'page_location')[1].value.string_value AS page_location,
        list_filter(event_params, lambda p: p.key = 'page_referrer')[1].value.string_value AS page_referrer,
        list_filter(event_params, lambda p: p.key = 'ga_session_id')[1].value.int_value AS ga_session_id,
        list_filter(event_params, lambda p: p.key = 'search_term')[1].value.string_value AS search_term,
        nullif(ecommerce.transaction_id, '(not set)') AS transaction_id,
        event_bundle_sequence_id AS bundle_written
    FROM records
),
named AS (
    SELECT *,
        CASE WHEN event_timestamp BETWEEN -9000000000000000000 AND 9000000000000000000 THEN make_timestamp(event_timestamp) END AS occurred_at,
        concat_ws('|', user_pseudo_id, event_timestamp, event_name, event_bundle_sequence_id, batch_page_id, batch_ordering_id, batch_event_index)
            AS identity
    FROM typed
)
SELECT
    line_no,
    CASE
        WHEN occurred_at IS NULL THEN 'bad_time'
        WHEN amount IS NULL AND ecommerce.purchase_revenue_in_usd IS NOT NULL THEN 'bad_amount'
        WHEN event_bundle_sequence_id IS NULL AND bundle_written IS NOT NULL THEN 'bad_sequence'
        WHEN TRY_CAST(ga_session_id AS BIGINT) IS NULL AND ga_session_id IS NOT NULL THEN 'bad_session_key'
    END AS fault,
    identity,
    md5_number_lower(concat_ws('|', identity, user_id, page_location, transaction_id, TRY_CAST(ecommerce.purchase_revenue_in_usd AS DOUBLE))) AS record_hash,
    event_name,
    occurred_at,
    coalesce(event_bundle_sequence_id, 0) % 10000000000000000 * 100 + CASE
        WHEN event_name = 'session_start' THEN 0
        WHEN event_name = 'first_visit' THEN 1
        WHEN event_name = 'page_view' THEN 2
        WHEN starts_with(event_name, 'view_') THEN 3
        WHEN event_name LIKE 'select_%' THEN 4
        WHEN event_name = 'add_to_cart' THEN 5
        WHEN event_name = 'begin_checkout' THEN 6
        WHEN event_name = 'add_shipping_info' THEN 7
        WHEN event_name = 'add_payment_info' THEN 8
        WHEN event_name = 'purchase' THEN 9
        ELSE 10
    END AS sequence,
    user_pseudo_id AS device_id,
    user_id,
    CAST(ga_session_id AS VARCHAR) AS session_key,
    page_location AS page,
    page_referrer AS referrer,
    traffic_source.source AS campaign_source,
    traffic_source.medium AS campaign_medium,
    traffic_source.name AS campaign_name,
    device.category AS device_type,
    geo.country AS country,
    transaction_id AS order_id,
    amount,
    CASE WHEN ecommerce.purchase_revenue_in_usd IS NOT NULL THEN 'USD' END AS currency,
    CASE WHEN search_term IS NOT NULL THEN
        CAST(json_object('search_term', regexp_replace(search_term, '[^\s@]+@[^\s@]+[.][^\s@]+', '(email)', 'g')) AS VARCHAR)
    END AS properties
FROM named
