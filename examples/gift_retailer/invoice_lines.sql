-- One event per invoice line.  An invoice whose number begins with C cancels an earlier one.
SELECT
    line_no,
    md5(raw) AS identity,
    md5_number_lower(raw) AS record_hash,
    CASE WHEN starts_with(InvoiceNo, 'C') THEN 'cancellation_line' ELSE 'invoice_line' END AS event_name,
    timezone('UTC', timezone('Europe/London', CAST(InvoiceDate AS TIMESTAMP))) AS occurred_at,
    CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS user_id,
    InvoiceNo AS order_id,
    StockCode AS product_id,
    CAST(Quantity AS DECIMAL(18, 4)) * CAST(UnitPrice AS DECIMAL(18, 4)) AS amount,
    'GBP' AS currency,
    Country AS country
FROM records
