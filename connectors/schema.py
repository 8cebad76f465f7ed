"""The landing contract: what an event is, for every source. It only ever gains nullable columns."""

import pyarrow as pa

SCHEMA_VERSION = 2

EVENT_SCHEMA = pa.schema(
    [
        # what
        pa.field("source", pa.string(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("event_name", pa.string(), nullable=False),
        ("channel", pa.string()),
        ("outcome", pa.string()),
        pa.field("is_passive", pa.bool_(), nullable=False),
        # when, UTC
        pa.field("occurred_at", pa.timestamp("us"), nullable=False),
        ("received_at", pa.timestamp("us")),
        pa.field("sequence", pa.int64(), nullable=False),
        # who
        ("device_id", pa.string()),
        ("user_id", pa.string()),
        ("email_key", pa.string()),
        ("phone_key", pa.string()),
        ("account_id", pa.string()),
        ("session_key", pa.string()),
        # where
        ("page_path", pa.string()),
        ("referrer_host", pa.string()),
        ("campaign_source", pa.string()),
        ("campaign_medium", pa.string()),
        ("campaign_name", pa.string()),
        ("device_type", pa.string()),
        ("country", pa.string()),
        ("ip_prefix", pa.string()),
        # about
        ("order_id", pa.string()),
        ("ticket_id", pa.string()),
        ("product_id", pa.string()),
        ("amount", pa.decimal128(18, 4)),
        ("currency", pa.string()),
        ("rating", pa.float64()),
        ("rating_max", pa.float64()),
        ("is_bot", pa.bool_()),
        # rest
        ("properties", pa.string()),
        # which record of a snapshot source, in which version
        ("record_id", pa.string()),
        ("updated_at", pa.timestamp("us")),
        ("record_hash", pa.uint64()),
        # provenance
        pa.field("load_seq", pa.int64(), nullable=False),
        pa.field("file_id", pa.string(), nullable=False),
        pa.field("line_no", pa.int64(), nullable=False),
    ]
)

PARSED_COLUMNS: dict[str, str] = {
    "line_no": "BIGINT",
    "fault": "VARCHAR",
    "filter_reason": "VARCHAR",
    "event_id": "VARCHAR",
    "identity": "VARCHAR",
    "event_name": "VARCHAR",
    "channel": "VARCHAR",
    "outcome": "VARCHAR",
    "is_passive": "BOOLEAN",
    "occurred_at": "TIMESTAMP",
    "received_at": "TIMESTAMP",
    "sequence": "BIGINT",
    "device_id": "VARCHAR",
    "user_id": "VARCHAR",
    "email": "VARCHAR",
    "phone": "VARCHAR",
    "account_id": "VARCHAR",
    "session_key": "VARCHAR",
    "page": "VARCHAR",
    "referrer": "VARCHAR",
    "campaign_source": "VARCHAR",
    "campaign_medium": "VARCHAR",
    "campaign_name": "VARCHAR",
    "device_type": "VARCHAR",
    "country": "VARCHAR",
    "ip": "VARCHAR",
    "user_agent": "VARCHAR",
    "order_id": "VARCHAR",
    "ticket_id": "VARCHAR",
    "product_id": "VARCHAR",
    "amount": "DECIMAL(18, 4)",
    "currency": "VARCHAR",
    "rating": "DOUBLE",
    "rating_max": "DOUBLE",
    "is_bot": "BOOLEAN",
    "properties": "VARCHAR",
    "record_id": "VARCHAR",
    "updated_at": "TIMESTAMP",
    "record_hash": "UBIGINT",
}
"""What a connector's `events` may return, with the DuckDB type each is cast to; a column it leaves out is NULL.

`email`, `phone`, `ip`, `page` and `referrer` are in clear here and never on disk: landing turns them into `email_key`,
`phone_key`, `ip_prefix`, `page_path` and `referrer_host` before the first write. Of `user_agent` nothing is kept but what
it tells: a bot is filtered, and the device type is filled in where there is none.
"""
