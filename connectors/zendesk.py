"""Zendesk Support: tickets by the cursor-based incremental export, each with its requester and its metrics.

Only the fields the events need are kept: no subject, description, comment or name leaves this module.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from connectors.api_pages import Page, deliveries, json_text, pick, rows
from connectors.api_settings import ApiUrl, Patience, header_secret
from connectors.delivery import Context, Delivery
from connectors.errors import SourceChanged
from connectors.http import Get, Refused, json_api
from connectors.secrets import SecretRef

PATH = "/api/v2/incremental/tickets/cursor.json"
EXPORT_DELAY = timedelta(minutes=1)  # the export leaves out what changed within the last minute
TICKET = ("id", "created_at", "updated_at", "status", "priority", "tags", "requester_id", "organization_id")
RATING = ("score", "updated_at")
REQUESTER = ("external_id", "email", "phone")
METRICS = ("reply_time_in_minutes", "solved_at", "reopens")


RECORDS = "snapshot"
"""A record is sent again whenever it changed."""


class Config(BaseModel):
    """Keys of a Zendesk source; with `email` the token is an API token, without it an OAuth access token."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: ApiUrl
    token: SecretRef
    email: str | None = None
    start: date = date(2000, 1, 1)
    user_id: Literal["requester", "external"] = "requester"
    rating_field: int | None = None
    order_field: int | None = None
    page_size: int = Field(default=1000, ge=1, le=1000)
    requests_per_minute: int | None = Field(default=None, ge=1)
    patience: Patience = Patience()


def fetch(config: Config, context: Context) -> Iterator[Delivery]:
    """Walk the export from the last cursor on; nothing new still yields one empty delivery with a later promise.

    For a range of days: what changed then, the cursor and the promise left as they are.
    """
    with json_api(config.url, _authorization(config), config.token, config.patience, config.requests_per_minute) as get:
        if context.days:
            first, last = context.days
            pages = _until(_pages(get, config.model_copy(update={"start": first}), None), last)
            yield from deliveries(pages, f"tickets of {first} to {last}", context, is_overlap=True)
            return
        since = context.cursor or config.start.isoformat()
        yield from deliveries(_pages(get, config, context.cursor), f"tickets since {since}", context, is_overlap=False)


def _until(pages: Iterator[Page], last: date) -> Iterator[Page]:
    """End a walk with the page on which a ticket changed after the last day: the export is in the order of change."""
    for page in pages:
        is_last = page.is_last or any(_changed_on(record) > last.isoformat() for record in page.records)
        yield replace(page, cursor=None, complete_until=None, is_last=is_last)
        if is_last:
            return


def _changed_on(record: bytes) -> str:
    ticket = json.loads(record)
    return str(ticket.get("updated_at") or "")[:10] if isinstance(ticket, dict) else ""


def events(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Map tickets to ticket_opened, first_response, resolved and rated."""
    sql = files("connectors").joinpath("zendesk.sql").read_text()
    is_external = config.user_id == "external"
    return con.sql(
        sql,
        params={
            "rating_field": config.rating_field,
            "order_field": config.order_field,
            "is_external": is_external,
        },
    )


def _authorization(config: Config) -> dict[str, str]:
    token = header_secret(config.token)
    if config.email is None:
        return {"Authorization": f"Bearer {token}"}
    return {"Authorization": "Basic " + b64encode(f"{config.email}/token:{token}".encode()).decode()}


def _pages(get: Get, config: Config, cursor: str | None) -> Iterator[Page]:
    """Follow `after_cursor` (never `after_url`) to the end of the stream."""
    seen = {cursor}
    while True:
        params = {"include": "users,metric_sets", "per_page": str(config.page_size)}
        params |= {"cursor": cursor} if cursor else {"start_time": _epoch(config.start)}
        try:
            answer = get(PATH, params)
        except Refused as error:
            if cursor is None:
                raise
            raise SourceChanged(f"{error} The place we stopped at may have expired: land this source again.") from None
        is_last, after = answer.body.get("end_of_stream"), answer.body.get("after_cursor") or cursor
        if not isinstance(is_last, bool) or not isinstance(after, str | None):
            raise SourceChanged("The ticket export's answer lacks end_of_stream or after_cursor: check `url`.")
        if not is_last and after in seen:
            raise SourceChanged("The ticket export gave the same cursor twice; its walk would never end.")
        seen.add(after)
        until = answer.served_at - EXPORT_DELAY if is_last and answer.served_at else None
        yield Page(_records(answer.body, rows(answer, "tickets"), config), answer.content, after, until, is_last)
        if is_last:
            return
        cursor = after


def _epoch(day: date) -> str:
    return str(int(datetime.combine(day, time(), UTC).timestamp()))


def _records(body: dict[str, Any], tickets: list[Any], config: Config) -> list[bytes]:
    """Merge each ticket with the requester and the metric set that came beside it."""
    users = _by(body.get("users"), "id")
    metrics = _by(body.get("metric_sets"), "ticket_id")
    return [json_text(_merged(ticket, users, metrics, config)) for ticket in tickets]


def _merged(ticket: Any, users: dict[str, Any], metrics: dict[str, Any], config: Config) -> Any:
    if not isinstance(ticket, dict):
        return ticket
    metric_set = ticket.get("metric_set") or metrics.get(str(ticket.get("id")))  # inside or beside: both are seen
    fields = ticket.get("custom_fields")
    wanted = {config.rating_field, config.order_field} - {None}
    return pick(ticket, TICKET) | {
        "via": pick(ticket.get("via"), ("channel",)),
        "satisfaction_rating": pick(ticket.get("satisfaction_rating"), RATING),
        "custom_fields": [field for field in fields if isinstance(field, dict) and field.get("id") in wanted]
        if isinstance(fields, list)
        else [],
        "requester": pick(users.get(str(ticket.get("requester_id"))), REQUESTER),
        "metric_set": pick(metric_set, METRICS),
    }


def _by(rows: Any, key: str) -> dict[str, Any]:
    return {str(row.get(key)): row for row in rows if isinstance(row, dict)} if isinstance(rows, list) else {}
