"""Web events as JSON text: each line is joined from ready-made pieces `"key":value`; a missing piece is left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.behaviour import Touches, Visits
from pipelines.demo.moves import EVENT_OF_STEP, STEP, STEPS
from pipelines.demo.orders import Orders, order_ids, price
from pipelines.demo.people import People, customer_id_of
from pipelines.demo.shop import (
    CATEGORIES,
    CHANNELS,
    COUNTRIES,
    DAY_MS,
    DEVICES,
    N_DAYS,
    N_PRODUCTS,
    SEARCH_TERMS,
    START,
    START_MS,
    TOKENS,
    Array,
)

FIRST_EVENT = 1_000_000_000
PAGES = {
    "home": ("/",),
    "category": tuple(f"/c/{category}" for category in CATEGORIES),
    "search": ("/search",),
    "item": tuple(f"/p/{number + 1}?ref=list" for number in range(N_PRODUCTS)),
    "add": tuple(f"/p/{number + 1}" for number in range(N_PRODUCTS)),
    "cart": ("/cart",),
    "begin": ("/checkout",),
    "shipping": ("/checkout/shipping",),
    "payment": ("/checkout/payment",),
    "payment_error": ("/checkout/payment?error=declined",),
    "purchase": tuple(f"/checkout/done?token={token}" for token in TOKENS),
    "help": ("/help", "/help/delivery", "/help/returns"),
    "login": tuple(f"/login?next=%2Fcheckout&token={token}" for token in TOKENS),
    "sign_in": ("/login",),
}  # fmt: skip
PAGES |= {f"{step}_{end}": PAGES[step] for step in ("login", "sign_in") for end in ("ok", "bad")}


@dataclass(frozen=True)
class Pieces:
    """Ready-made text, one array per key (or group of keys that always go together)."""

    event: pa.Array
    device: pa.Array  # two per person
    user: pa.Array
    page: pa.Array
    landing: pa.Array  # referrer and utm_*, on the landing event alone
    kind: pa.Array  # device_type and os
    country: pa.Array  # one per person, as are users
    product: pa.Array
    term: pa.Array
    order: pa.Array  # order_id, amount, currency


def piece(**values: str | None) -> str:
    """JSON text of some keys without the braces.

    >>> piece(event="search", page=None)
    '"event":"search"'
    """
    present = {key: value for key, value in values.items() if value is not None}
    return json.dumps(present, separators=(",", ":"))[1:-1]


def pieces_of(people: People, orders: Orders) -> Pieces:
    """Make all the text that events can carry."""
    ids = people.device_ids.reshape(-1).tolist()
    bought = zip(order_ids(len(orders)).tolist(), orders.cents.tolist(), orders.currency.tolist(), strict=True)
    channels = [
        piece(referrer=c.referrer, **dict(zip(("utm_source", "utm_medium", "utm_campaign"), c.utm or (), strict=False)))
        for c in CHANNELS
    ]
    return Pieces(
        event=pa.array([piece(event=EVENT_OF_STEP[step]) for step in STEPS if step != "leave"]),
        device=pa.array([f'"device_id":"d_{number:016x}"' for number in ids]),
        user=pa.array([f'"user_id":"{customer_id_of(person)}"' for person in range(len(people))]),
        page=pa.array([piece(page=page) for step in STEPS if step != "leave" for page in PAGES[step]]),
        landing=pa.array([text or None for text in channels]),
        kind=pa.array([piece(device_type=device_type, os=os) for device_type, os in DEVICES]),
        country=pa.array([piece(country=country) for country in COUNTRIES]).take(pa.array(people.country)),
        product=pa.array([piece(product_id=f"P{number + 1:03d}") for number in range(N_PRODUCTS)]),
        term=pa.array([piece(search_term=term) for term in SEARCH_TERMS]),
        order=pa.array([f'"order_id":"{o}","amount":{price(c)},"currency":"{k}"' for o, c, k in bought], pa.string()),
    )


def json_lines(
    pieces: Pieces, visits: Visits, touches: Touches, rows: range, order_of_row: Array
) -> tuple[bytes, Array]:
    """The lines of some rows as bytes, and where each begins (with the end of the last one)."""
    if not rows:
        return b"", np.zeros(1, np.int32)
    here = slice(rows.start, rows.stop)
    visit, step, at_ms = touches.visit[here], touches.step[here], touches.at_ms[here]
    person, product, is_landing = visits.person[visit], touches.product[here], touches.is_landing[here]
    parts = [
        _join('{"event_id":"evt_', pa.array(FIRST_EVENT + np.arange(rows.start, rows.stop)).cast(pa.string()), '"'),
        _occurred_at(at_ms),
        _chosen(pieces.event, step),
        _chosen(pieces.device, person * 2 + visits.slot[visit]),
        _chosen(pieces.user, person, touches.is_known[here]),
        _chosen(pieces.page, _page(step, product, at_ms)),
        _chosen(pieces.landing, visits.channel[visit], is_landing),
        _chosen(pieces.kind, visits.device[visit]),
        _chosen(pieces.country, person),
        _chosen(pieces.product, product, np.isin(step, [STEP["item"], STEP["add"]])),
        _chosen(pieces.term, touches.term[here], step == STEP["search"]),
        _chosen(pieces.order, order_of_row[here], step == STEP["purchase"]),
    ]
    # A line ends with "}\n", so the text buffer of the joined array is the file's bytes as they are.
    lines = _join(_join(*parts, between=","), "}\n")
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)[: len(rows) + 1]
    return lines.buffers()[2].to_pybytes()[: offsets[-1]], offsets


def _join(*parts: Any, between: str = "") -> pa.Array:
    return pc.binary_join_element_wise(*parts, between, null_handling="skip")


def _chosen(texts: pa.Array, position: Array, is_present: Array | None = None) -> pa.Array:
    return texts.take(pa.array(position, mask=None if is_present is None else ~is_present))


def _occurred_at(at_ms: Array) -> pa.Array:
    day, time = np.divmod(at_ms - START_MS, DAY_MS)
    dates = np.datetime_as_string(START + np.arange(N_DAYS).astype("timedelta64[D]"), unit="D").tolist()
    beginnings = pa.array([f'"occurred_at":"{date}T' for date in dates])
    clock = pa.array(time.astype(np.int32), pa.int32()).cast(pa.time32("ms")).cast(pa.string())
    return _join(_chosen(beginnings, day), clock, 'Z"')


def _page(step: Array, product: Array, at_ms: Array) -> Array:
    """Position of each event's page among all pages: the product's own, else one of the step's, by the clock."""
    counts = np.array([len(PAGES[step]) for step in STEPS if step != "leave"])
    first = np.cumsum(counts) - counts
    which = np.where(counts[step] == N_PRODUCTS, product, at_ms // 1000)
    position: Array = first[step] + which % counts[step]
    return position


def event_id(row: int) -> str:
    """The id of the web event at a position in the order of time.

    >>> event_id(0)
    'evt_1000000000'
    """
    return f"evt_{FIRST_EVENT + row}"
