"""A shop's orders by an Admin REST API of Shopify's shape: changed orders, oldest change first.

Only the fields the events need are asked for and kept: no name, street, note or payment detail.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import duckdb
import httpx
from pydantic import BaseModel, ConfigDict, Field

from connectors.api_pages import Page, deliveries, json_text, pick, rows
from connectors.api_settings import ApiUrl, Patience, header_secret
from connectors.delivery import Context, Delivery
from connectors.errors import SourceChanged, SourceUnavailable
from connectors.http import Answer, Get, Refused, json_api
from connectors.secrets import SecretRef

CALM_SHARE = 0.8  # of the call limit; above it we wait
SECONDS_TO_EMPTY = 20  # a full call limit drains in that time, on every plan: 40 calls at 2 a second, 400 at 20

ORDER = (
    "id", "created_at", "processed_at", "updated_at", "cancelled_at", "test", "total_price", "currency", "email",
    "contact_email", "phone", "source_name", "customer", "shipping_address", "billing_address", "fulfillments",
    "refunds",
)  # fmt: skip
CUSTOMER = ("id", "email", "phone")
ADDRESS = ("country_code",)
FULFILMENT = ("id", "created_at", "updated_at", "status", "shipment_status")
REFUND = ("id", "created_at", "transactions")
TRANSACTION = ("amount", "kind", "status")


RECORDS = "snapshot"
"""A record is sent again whenever it changed."""


class Config(BaseModel):
    """Keys of a shop source; orders older than 60 days need a token with the read_all_orders scope."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: ApiUrl
    token: SecretRef
    version: str = Field(default="2025-01", pattern=r"^(\d{4}-\d{2}|unstable)$")
    start: date = date(2000, 1, 1)
    page_size: int = Field(default=250, ge=1, le=250)
    overlap_seconds: int = Field(default=60, ge=0)
    requests_per_minute: int | None = Field(default=None, ge=1)
    patience: Patience = Patience()


def fetch(config: Config, context: Context) -> Iterator[Delivery]:
    """Walk the orders changed since the last cursor, with an overlap: a change may become visible a little late.

    For a range of days: those that changed then, the cursor and the promise left as they are.
    """
    since = context.cursor or f"{config.start.isoformat()}T00:00:00+00:00"
    headers = {"X-Shopify-Access-Token": header_secret(config.token)}

    def calm_down(response: httpx.Response) -> None:
        time.sleep(min(config.patience.longest_wait_seconds, pause_seconds(response.headers)))

    with json_api(config.url, headers, config.token, config.patience, config.requests_per_minute, calm_down) as get:
        if context.days:
            first, last = (datetime.combine(day, datetime.min.time(), UTC) for day in context.days)
            pages = _pages(get, config, first.isoformat(), (last + timedelta(days=1)).isoformat())
            unmoved = (replace(page, cursor=None, complete_until=None) for page in pages)
            name = f"orders of {context.days[0]} to {context.days[1]}"
            yield from deliveries(unmoved, name, context, is_overlap=True)
            return
        yield from deliveries(_pages(get, config, since), f"orders since {since}", context, is_overlap=True)


def events(con: duckdb.DuckDBPyConnection, config: Config) -> duckdb.DuckDBPyRelation:
    """Map orders to order_placed, order_shipped, order_delivered, order_refunded and order_cancelled."""
    return con.sql(files("connectors").joinpath("shop_orders.sql").read_text())


def pause_seconds(headers: httpx.Headers) -> float:
    """Seconds until the call limit is back at 80 per cent.

    >>> pause_seconds(httpx.Headers({"X-Shopify-Shop-Api-Call-Limit": "38/40"}))
    3.0
    >>> pause_seconds(httpx.Headers({"X-Shopify-Shop-Api-Call-Limit": "12/40"}))
    0.0
    """
    used, _, limit = headers.get("X-Shopify-Shop-Api-Call-Limit", "").partition("/")
    if not (used.isdecimal() and limit.isdecimal() and int(limit)):
        return 0.0
    return round(max(0.0, int(used) / int(limit) - CALM_SHARE) * SECONDS_TO_EMPTY, 3)


def _pages(get: Get, config: Config, since: str, until: str | None = None) -> Iterator[Page]:
    """Follow the links from page to page; each page's cursor is the newest change seen so far."""
    newest = datetime.fromisoformat(since)
    answer = get(
        f"/admin/api/{config.version}/orders.json",
        {
            "status": "any",
            "limit": str(config.page_size),
            "order": "updated_at asc",
            "fields": ",".join(ORDER),
            "updated_at_min": (newest - timedelta(seconds=config.overlap_seconds)).isoformat(),
            **({"updated_at_max": until} if until else {}),
        },
    )
    # What changes during the walk comes with the next one, and a change may show up late by the overlap.
    promised = answer.served_at - timedelta(seconds=config.overlap_seconds) if answer.served_at else None
    seen: set[str] = set()
    while True:
        orders = rows(answer, "orders")
        newest = max(newest, _newest(orders, answer.served_at))
        link = answer.next_url
        records = [json_text(_kept(order)) for order in orders]
        yield Page(records, answer.content, newest.isoformat(), promised if link is None else None, link is None)
        if link is None:
            return
        if link in seen:
            raise SourceChanged("The shop's page links lead back to a page already read; its walk would never end.")
        seen.add(link)
        answer = _follow(get, link)


def _follow(get: Get, link: str) -> Answer:
    try:
        return get(link, None)
    except Refused as error:
        raise SourceUnavailable(f"{error} A page link expires: run again, it goes on after the last part.") from None


def _newest(orders: list[Any], served_at: datetime | None) -> datetime:
    """The latest change among the orders (UTC), never beyond the server's own clock, or ours where it tells none."""
    times = [_moment(order.get("updated_at")) for order in orders if isinstance(order, dict)]
    latest = max((time for time in times if time), default=datetime.min.replace(tzinfo=UTC))
    return min(latest, served_at or datetime.now(UTC))


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _kept(order: Any) -> Any:
    """The order with the allowed fields only, at every level."""
    if not isinstance(order, dict):
        return order
    refunds = pick(order.get("refunds"), REFUND)
    for refund in refunds if isinstance(refunds, list) else []:
        if isinstance(refund, dict):
            refund["transactions"] = pick(refund.get("transactions"), TRANSACTION)
    return pick(order, ORDER) | {
        "customer": pick(order.get("customer"), CUSTOMER),
        "shipping_address": pick(order.get("shipping_address"), ADDRESS),
        "billing_address": pick(order.get("billing_address"), ADDRESS),
        "fulfillments": pick(order.get("fulfillments"), FULFILMENT),
        "refunds": refunds,
    }
