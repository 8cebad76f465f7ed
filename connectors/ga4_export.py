"""Google Analytics 4, as BigQuery exports it: daily Parquet or JSON files with nested event parameters."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from connectors import inputs
from connectors.delivery import Context, Delivery
from connectors.errors import SourceChanged
from connectors.inputs import MAX_FILE_BYTES
from connectors.readers import format_of, load_file

SHAPE: dict[str, Any] = {
    "event_timestamp": "VARCHAR",
    "event_name": "VARCHAR",
    "event_params": [{"key": "VARCHAR", "value": {"string_value": "VARCHAR", "int_value": "VARCHAR"}}],
    "event_bundle_sequence_id": "VARCHAR",
    "user_id": "VARCHAR",
    "user_pseudo_id": "VARCHAR",
    "device": {"category": "VARCHAR"},
    "geo": {"country": "VARCHAR"},
    "traffic_source": {"source": "VARCHAR", "medium": "VARCHAR", "name": "VARCHAR"},
    "ecommerce": {"transaction_id": "VARCHAR", "purchase_revenue_in_usd": "VARCHAR"},
}
"""The columns of the export that we read, declared; whatever else a file has stays where it is.

All are texts here, as BigQuery's JSON writes whole numbers; ga4_export.sql reads them, so that none is lost in silence.
"""

BATCH = ("batch_page_id", "batch_ordering_id", "batch_event_index")
"""Columns that exports have since 2024: an event's place among those that one page sent together."""

FROM_JSON = """
SELECT line_no, raw, UNNEST(export),
    CASE
        WHEN fault IS NOT NULL THEN fault
        WHEN len(list_filter(kinds[1:4], lambda kind: kind NOT IN ('OBJECT', 'NULL'))) > 0 OR kinds[5] NOT IN ('ARRAY', 'NULL')
            THEN 'wrong_shape'
    END AS fault
FROM (
    SELECT *, json_transform(object, $shape) AS export,
        json_type(object, ['$.device', '$.geo', '$.traffic_source', '$.ecommerce', '$.event_params']) AS kinds
    FROM (SELECT *, CASE WHEN fault IS NULL THEN raw END AS object FROM ga4_json)
)
"""


class Config(BaseModel):
    """Where the exported files are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    max_bytes: int = Field(default=MAX_FILE_BYTES, gt=0)


def fetch(config: Config, context: Context) -> Iterator[Delivery]:
    """Offer every exported file that has not landed yet."""
    yield from inputs.deliveries(
        config.path, context, lambda path: partial(_load, path=path, max_bytes=config.max_bytes)
    )


def _load(con: duckdb.DuckDBPyConnection, path: Path, max_bytes: int) -> duckdb.DuckDBPyRelation:
    """Load the declared columns of an export; BigQuery's JSON writes whole numbers as texts, which is understood."""
    format = format_of(path)
    rows = load_file(con, path, max_bytes)
    reader_columns = [duckdb.ColumnExpression(name) for name in ("line_no", "raw", "fault")]
    if format == "csv":
        raise SourceChanged(
            "this is no GA4 export, which is Parquet or JSON; see that `path` names the exported files."
        )
    if format == "parquet":
        if lacking := next(_lacking(dict(zip(rows.columns, rows.types, strict=True)), SHAPE), None):
            raise SourceChanged(
                f"this is no GA4 export: it has no {lacking}; see that `path` names the exported files."
            )
        batch = [
            (duckdb.ColumnExpression(name) if name in rows.columns else duckdb.ConstantExpression(None))
            .cast("VARCHAR")
            .alias(name)
            for name in BATCH
        ]
        return rows.select(*reader_columns, *map(duckdb.ColumnExpression, SHAPE), *batch)
    rows.create_view("ga4_json")
    return con.sql(FROM_JSON, params={"shape": json.dumps(SHAPE | dict.fromkeys(BATCH, "VARCHAR"))})


def _lacking(have: Mapping[str, Any], shape: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Name the declared columns and fields that a file has not; `have` are its types by name."""
    for name, inner in shape.items():
        path = f"{above}.{name}" if above else name
        if name not in have:
            yield f"field {path}" if above else f"column {path}"
        elif isinstance(inner, list):
            elements = dict(have[name].children)["child"] if have[name].id == "list" else None
            yield from _lacking({path: elements} if elements else {}, {path: inner[0]})
        elif isinstance(inner, dict):
            yield from _lacking(dict(have[name].children) if have[name].id == "struct" else {}, inner, path)


def events(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Map the export's rows to events, one each."""
    return con.sql(files("connectors").joinpath("ga4_export.sql").read_text())
