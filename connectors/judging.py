"""Read the records of one delivery, map them to events, and judge them by themselves."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression

from connectors import manifest
from connectors.clear_values import reduce_clear_values
from connectors.delivery import Delivery
from connectors.durable import failpoint
from connectors.errors import SourceChanged
from connectors.manifest import Entry, Expiry
from connectors.replay import columns_of
from connectors.schema import PARSED_COLUMNS
from connectors.source import Source
from connectors.suggest import did_you_mean

EARLIEST = datetime(2000, 1, 1)
"""Nothing we read is older: an earlier time is a broken clock. Later than a day from now is one too."""


def judge(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    source: Source,
    landing: Path,
    load_seq: int,
    key: bytes | None,
    now: datetime,
) -> None:
    """Read the records, map them to events, and judge them by themselves."""
    records = delivery.load(con)
    records.create_view("records")
    failpoint("L1")
    parsed = source.connector.events(con, source.config)
    _check_columns(parsed.columns)
    given = [name for name in PARSED_COLUMNS if name in parsed.columns]
    parsed.select(*[_column(name, ColumnExpression(name)) for name in given]).create("given")
    con.table("given").select(
        ColumnExpression("rowid").alias("row_no"),
        *[
            ColumnExpression(name) if name in given else _column(name, ConstantExpression(None))
            for name in PARSED_COLUMNS
        ],
    ).create_view("parsed")
    expiry = manifest.read_expiry(landing)
    con.from_arrow(_delivery_row(delivery, source, load_seq, now, columns_of(records), expiry)).create("delivery")
    reduce_clear_values(con, source.name, key)
    execute(con, "landing.sql")


def execute(con: duckdb.DuckDBPyConnection, name: str) -> None:
    for statement in duckdb.extract_statements(files("connectors").joinpath(name).read_text()):
        con.execute(statement).fetchall()


def _check_columns(columns: list[str]) -> None:
    if missing := {"line_no", "event_name", "occurred_at"} - {*columns}:
        raise SourceChanged(
            f"the mapping to events gives no column {min(missing)}; every event needs line_no, event_name and occurred_at."
        )
    if unknown := sorted({*columns} - {*PARSED_COLUMNS}):
        near = did_you_mean(unknown[0], PARSED_COLUMNS)
        raise SourceChanged(f"the mapping to events gives the column '{unknown[0]}', which no event has{near}")


def _column(name: str, value: duckdb.Expression) -> duckdb.Expression:
    return value.cast(duckdb.sqltype(PARSED_COLUMNS[name])).alias(name)


def _delivery_row(
    delivery: Delivery, source: Source, load_seq: int, now: datetime, columns: str | None, expiry: Expiry | None
) -> pa.Table:
    latest = now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
    return pa.table(
        {
            "source": [source.name],
            "load_seq": [load_seq],
            "file_id": [delivery.replays.file_id if delivery.replays else f"{source.name}-{load_seq:06d}"],
            "replayed_load_seq": pa.array([first_load_seq(delivery.replays)], pa.int64()),
            "record_columns": pa.array([columns], pa.string()),
            "channel": pa.array([source.channel], pa.string()),
            "is_snapshot": [source.records == "snapshot"],
            "keeps_exact_duplicates": [source.exact_duplicates == "keep"],
            "query": pa.array([source.query], pa.list_(pa.string())),
            "earliest": pa.array([EARLIEST], pa.timestamp("us")),
            "latest": pa.array([latest], pa.timestamp("us")),
            "expired_before": pa.array([expiry.expired_before if expiry else None], pa.timestamp("us")),
        }
    )


def first_load_seq(replayed: Entry | None) -> int | None:
    return (replayed.replays or replayed.load_seq) if replayed else None
