"""Two local servers that behave like a help desk's ticket export and a shop's order API, faults included.

They answer real HTTP on the loopback interface, in the vendors' shapes, by a clock that stands still.
"""

import base64
import json
import sys
import threading
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

Row = dict[str, Any]
Key = tuple[float, int]  # when changed (epoch seconds), id: the order of both APIs

Fault = Literal[
    "429", "429 in seconds", "429 at a date", "429 in an hour", "500", "hang up", "half an answer", "half a JSON",
    "HTML", "a list", "redirect", "other host", "page again", "stuck", "expired",
]  # fmt: skip
"""What goes wrong with one request."""

EXPORT_DELAY_SECONDS = 60  # the ticket export leaves out the last minute
OTHER_HOST = "http://127.0.0.2:9/orders.json?page_info=elsewhere"


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    """Rows in the order of their change, found by bisection."""

    keys: list[Key]
    rows: list[Row]

    def page(self, start: int, size: int, fault: Fault | None) -> tuple[list[Row], int]:
        """Rows from a place on, and the place after them; the page before instead when that is the fault."""
        first = max(0, start - size) if fault == "page again" else start
        end = min(first + size, len(self.rows))
        return self.rows[first:end], end


Request = tuple[str, dict[str, str], str]  # path, query, the server's own address
Beside = Mapping[str, tuple[str, dict[int, Row]]]  # sideloads: the ticket's field that names them, them by it
Answer = Callable[[Request, Fault | None], Reply]


@dataclass
class Service:
    """How a server behaves beside its answers.

    `faults` are used up one per request, in order, None letting one pass; `requests` collects path and query of each.
    The Date header is always `now`. `calls` requests are allowed at once and come back at `calls_per_second` of real
    time. `credentials` is the header that must come with every request, `limit_header` tells how many calls are used.
    """

    answer: Answer
    credentials: tuple[str, str]
    limit_header: str
    now: datetime
    faults: deque[Fault | None]
    requests: list[str]
    calls: int
    calls_per_second: float
    used: float = 0.0
    used_at: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, path: str) -> tuple[Fault | None, bool]:
        """Count one request: what is to go wrong with it, and whether it is one too many."""
        with self.lock:
            self.requests.append(path)
            instant = time.monotonic()
            self.used = max(0.0, self.used - (instant - self.used_at) * self.calls_per_second)
            self.used_at = instant
            is_too_many = self.used + 1 > self.calls
            self.used += 0 if is_too_many else 1
            return self.faults.popleft() if self.faults else None, is_too_many


@contextmanager
def zendesk_api(
    tickets: Iterable[Row],
    users: Iterable[Row] = (),
    metric_sets: Iterable[Row] = (),
    *,
    now: datetime,
    token: str = "demo-token",
    email: str | None = None,
    faults: Sequence[Fault | None] = (),
    requests: list[str] | None = None,
    port: int = 0,
    calls: int = 40,
    calls_per_second: float = 1000.0,
) -> Iterator[str]:
    """Serve the tickets changed until a minute before `now`; yields the base address. The rest: see Service."""
    shelf = _shelf(tickets, now - timedelta(seconds=EXPORT_DELAY_SECONDS))
    beside = {
        "users": ("requester_id", {user["id"]: user for user in users}),
        "metric_sets": ("id", {metric_set["ticket_id"]: metric_set for metric_set in metric_sets}),
    }
    basic = base64.b64encode(f"{email}/token:{token}".encode()).decode()
    credentials = ("Authorization", f"Basic {basic}" if email else f"Bearer {token}")
    service = Service(
        partial(_tickets, shelf, beside),
        credentials,
        "X-Rate-Limit-Used",
        now,
        deque(faults),
        [] if requests is None else requests,
        calls,
        calls_per_second,
    )
    with _serve(service, port) as url:
        yield url


@contextmanager
def shop_api(
    orders: Iterable[Row],
    *,
    now: datetime,
    token: str = "demo-token",
    faults: Sequence[Fault | None] = (),
    requests: list[str] | None = None,
    port: int = 0,
    calls: int = 40,
    calls_per_second: float = 1000.0,
) -> Iterator[str]:
    """Serve the orders changed until `now`, oldest change first; yields the base address. The rest: see Service."""
    service = Service(
        partial(_orders, _shelf(orders, now)),
        ("X-Shopify-Access-Token", token),
        "X-Shopify-Shop-Api-Call-Limit",
        now,
        deque(faults),
        [] if requests is None else requests,
        calls,
        calls_per_second,
    )
    with _serve(service, port) as url:
        yield url


def _tickets(shelf: Shelf, beside: Beside, request: Request, fault: Fault | None) -> Reply:
    path, query, base = request
    if path != "/api/v2/incremental/tickets/cursor.json":
        return _json({"error": "InvalidEndpoint"}, 404)
    if fault == "expired" or not query.keys() & {"cursor", "start_time"}:
        return _json({"error": "InvalidCursor"}, 422)
    if "cursor" in query:
        stamp, ticket_id, _ = base64.b64decode(query["cursor"]).decode().split("|")
        start = bisect_right(shelf.keys, (float(stamp), int(ticket_id)))
    else:
        start = bisect_left(shelf.keys, (float(query["start_time"]), -1))
    page, end = shelf.page(start, min(int(query.get("per_page", 1000)), 1000), fault)
    stamp_id = shelf.keys[end - 1] if end else (0.0, 0)
    place = f"{stamp_id[0]!r}|{stamp_id[1]}|" + ("again" if fault == "page again" else "")
    cursor = query.get("cursor") if fault == "stuck" else base64.b64encode(place.encode()).decode()
    body: dict[str, Any] = {
        "tickets": page,
        "before_cursor": None,
        "after_cursor": cursor,
        "after_url": OTHER_HOST if fault == "other host" else f"{base}{path}?{urlencode({'cursor': cursor})}",
        "end_of_stream": end == len(shelf.rows) and fault not in ("stuck", "page again"),
    }
    for name in query.get("include", "").split(","):
        if name in beside:
            id_field, rows = beside[name]
            ids = dict.fromkeys(row_id for ticket in page if isinstance(row_id := ticket.get(id_field), int))
            body[name] = [rows[row_id] for row_id in ids if row_id in rows]
    return _json(body)


def _orders(shelf: Shelf, request: Request, fault: Fault | None) -> Reply:
    path, query, base = request
    is_linked = "page_info" in query
    if not (path.startswith("/admin/api/") and path.endswith("/orders.json")):
        return _json({"errors": "Not Found"}, 404)
    if fault == "expired" or (is_linked and query.keys() - {"page_info", "limit", "fields"}):
        return _json({"errors": "Invalid page_info"}, 400)
    if not is_linked and (query.get("order"), query.get("status")) != ("updated_at asc", "any"):
        return _json({"errors": "This server knows status=any and order=updated_at asc"}, 400)
    if is_linked:
        first, until, _ = base64.urlsafe_b64decode(query["page_info"]).decode().split("|")
        start = int(first)
    else:
        start = bisect_left(shelf.keys, (datetime.fromisoformat(query["updated_at_min"]).timestamp(), -1))
        until = query.get("updated_at_max", "")
    if until:
        last = bisect_right(shelf.keys, (datetime.fromisoformat(until).timestamp(), sys.maxsize))
        shelf = Shelf(shelf.keys[:last], shelf.rows[:last])
    size = min(int(query.get("limit", 50)), 250)
    page, end = shelf.page(start, size, fault)
    fields = query["fields"].split(",") if "fields" in query else None
    body = {"orders": [_only(order, fields) for order in page]}
    if end == len(shelf.rows) and fault not in ("stuck", "page again", "other host"):
        return _json(body)
    place = f"{start if fault == 'stuck' else end}|{until}|{'again' if fault == 'page again' else ''}"
    rest = {name: value for name, value in query.items() if name in ("limit", "fields")}
    link = urlencode(rest | {"page_info": base64.urlsafe_b64encode(place.encode()).decode()})
    address = OTHER_HOST if fault == "other host" else f"{base}{path}?{link}"
    return _json(body, headers={"Link": f'<{address}>; rel="next"'})


def _shelf(rows: Iterable[Row], until: datetime) -> Shelf:
    """Rows changed up to an instant, in order; one whose change cannot be read counts as just changed."""
    last = until.timestamp()
    keyed = [((_stamp(row, last), int(row.get("id") or 0)), row) for row in rows]
    kept = sorted((pair for pair in keyed if pair[0][0] <= last), key=lambda pair: pair[0])
    return Shelf([key for key, _ in kept], [row for _, row in kept])


def _stamp(row: Row, otherwise: float) -> float:
    if "generated_timestamp" in row:  # a ticket's place in the export, when something changed behind updated_at
        return float(row["generated_timestamp"])
    try:
        return datetime.fromisoformat(row["updated_at"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return otherwise


def _only(row: Row, fields: Sequence[str] | None) -> Row:
    return row if fields is None else {name: row[name] for name in fields if name in row}


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    # ASCII only: a lone surrogate travels as the escape it is
    content = {"Content-Type": "application/json; charset=utf-8"}
    return Reply(status, json.dumps(body).encode(), content | dict(headers or {}))


def _failure(fault: Fault | None, now: datetime) -> Reply | None:
    """The reply of a fault that has nothing to do with what was asked."""
    in_a_second = format_datetime(now.astimezone(UTC) + timedelta(seconds=1), usegmt=True)
    html = {"Content-Type": "text/html; charset=utf-8"}
    replies = {
        "429": _json({}, 429),
        "429 in seconds": _json({}, 429, {"Retry-After": "0.2"}),
        "429 at a date": _json({}, 429, {"Retry-After": in_a_second}),
        "429 in an hour": _json({}, 429, {"Retry-After": "3600"}),
        "500": _json({}, 500),
        "redirect": _json({}, 302, {"Location": "https://elsewhere.example/login"}),
        "a list": _json([]),
        "HTML": Reply(200, b"<!DOCTYPE html><title>Down for maintenance</title>", html),
    }
    return replies.get(fault or "")


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the Service of its server."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one piece
    disable_nagle_algorithm = True
    service: Service

    def do_GET(self) -> None:
        fault, is_too_many = self.service.take(self.path)
        if fault == "hang up":
            self.close_connection = True
            return
        reply = self._reply(fault, is_too_many)
        is_half = fault in ("half an answer", "half a JSON")
        body = reply.body[: len(reply.body) // 2] if is_half else reply.body
        self.send_response_only(reply.status)
        self.send_header("Date", format_datetime(self.service.now.astimezone(UTC), usegmt=True))
        self.send_header(self.service.limit_header, f"{self.service.used:.0f}/{self.service.calls}")
        self.send_header("Content-Length", str(len(reply.body if fault == "half an answer" else body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or fault == "half an answer"

    def _reply(self, fault: Fault | None, is_too_many: bool) -> Reply:
        name, expected = self.service.credentials
        if self.headers.get(name) != expected:
            return _json({"error": "Couldn't authenticate you"}, 401)
        if is_too_many:
            wait = {"Retry-After": f"{1 / self.service.calls_per_second:.3f}"}
            return _json({"error": "Too many requests"}, 429, wait)
        host, port = self.connection.getsockname()
        parts = urlsplit(self.path)
        request = (parts.path, dict(parse_qsl(parts.query)), f"http://{host}:{port}")
        return _failure(fault, self.service.now) or self.service.answer(request, fault)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the tests read `requests`."""


@contextmanager
def _serve(service: Service, port: int) -> Iterator[str]:
    """Run a server on the loopback interface until the block ends; port 0 takes any free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"service": service}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
