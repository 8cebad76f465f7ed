"""What happens to orders after the purchase: shipped, delivered, now and then cancelled or refunded (Shopify shape)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.demo.people import customer_id_of, email_of, phone_of
from pipelines.demo.shop import DAY_MS, END_MS, Array, utc_text

Record = dict[str, Any]

FIRST_ORDER_ID = 5_200_000_001
NEVER = 2**60  # an instant after every end; whatever lies at or after END_MS has not happened yet
CANCELLED, REFUNDED = 0.02, 0.05
BERLIN_MS = 3_600_000  # the shop tells time with +01:00, as Berlin does all winter


@dataclass(frozen=True)
class Orders:
    """One row per order in the order of time; instants in milliseconds, NEVER when it does not come to that."""

    person: Array
    currency: Array
    cents: Array
    placed_ms: Array
    shipped_ms: Array
    delivered_ms: Array
    cancelled_ms: Array
    refunded_ms: Array

    def __len__(self) -> int:
        return len(self.person)


def fulfil(person: Array, currency: Array, cents: Array, paid_ms: Array, rng: np.random.Generator) -> Orders:
    """Draw the fate of each paid order: ships within days, arrives days later."""
    n = len(person)
    placed = paid_ms + 2_000  # the order system books two seconds after the web page
    cancelled = np.where(rng.random(n) < CANCELLED, placed + rng.integers(600_000, 6 * 3_600_000, n), NEVER)
    shipped = placed + (DAY_MS * (0.3 + rng.exponential(0.8, n))).astype(np.int64)
    shipped = np.where(cancelled < NEVER, NEVER, shipped)
    delivered = np.where(shipped < NEVER, shipped + (DAY_MS * (0.8 + rng.exponential(1.2, n))).astype(np.int64), NEVER)
    refunded = delivered + (DAY_MS * (1 + rng.exponential(4, n))).astype(np.int64)
    refunded = np.where((rng.random(n) < REFUNDED) & (delivered < NEVER), refunded, NEVER)
    return Orders(person, currency, cents, placed, shipped, delivered, cancelled, refunded)


def order_ids(n: int) -> Array:
    """The ids of the first n orders, in the order of time."""
    return FIRST_ORDER_ID + np.arange(n)


def price(cents: int) -> str:
    """An amount of cents as the shop writes it.

    >>> price(1905)
    '19.05'
    """
    return f"{cents // 100}.{cents % 100:02d}"


def order_records(orders: Orders) -> Iterator[Record]:
    """The orders as the shop's API tells them at the end of the data, the two test orders last."""
    texts = {
        name: utc_text(getattr(orders, name) + BERLIN_MS, "+01:00")
        for name in ("placed_ms", "shipped_ms", "delivered_ms", "cancelled_ms", "refunded_ms")
    }
    for i, order_id in enumerate(order_ids(len(orders)).tolist()):
        happened = {name: texts[name][i] for name in texts if getattr(orders, name)[i] < END_MS}
        person = int(orders.person[i])
        yield _record(order_id, person, str(orders.currency[i]), int(orders.cents[i]), happened)
    for number, day in enumerate((40, 10)):
        placed = utc_text(np.array([END_MS - day * DAY_MS + BERLIN_MS]), "+01:00")[0]
        order_id = FIRST_ORDER_ID + len(orders) + number
        yield _record(order_id, 0, "EUR", 1, {"placed_ms": placed}) | {
            "email": "qa@shop.example", "phone": None, "test": True,
            "customer": {"id": 6_000_000_001, "email": "qa@shop.example", "phone": None},
        }  # fmt: skip


def _record(order_id: int, person: int, currency: str, cents: int, happened: dict[str, str]) -> Record:
    placed, shipped, refunded = happened["placed_ms"], happened.get("shipped_ms"), happened.get("refunded_ms")
    email, phone = email_of(person), phone_of(person)
    delivered = happened.get("delivered_ms")
    fulfillment = {
        "id": order_id + 1_000_000_000,
        "created_at": shipped,
        "updated_at": delivered or shipped,
        "shipment_status": "delivered" if delivered else "in_transit",
        "status": "success",
    }
    return {
        "id": order_id,
        "name": f"#{order_id - FIRST_ORDER_ID + 1001}",
        "email": email,
        "phone": phone,
        "created_at": placed,
        "processed_at": placed,
        "updated_at": max(happened.values()),
        "total_price": price(cents),
        "currency": currency,
        "test": False,
        "cancelled_at": happened.get("cancelled_ms"),
        "customer": {"id": customer_id_of(person), "email": email, "phone": phone},
        "fulfillments": [fulfillment] if shipped else [],
        "refunds": [
            {
                "id": order_id + 2_000_000_000,
                "created_at": refunded,
                "transactions": [{"amount": price(cents), "kind": "refund"}],
            }
        ]
        if refunded
        else [],
    }
