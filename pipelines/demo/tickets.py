"""What people ask support, how late it answers, and how they rate it (Zendesk shape)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.demo.defects import SLOW_SUPPORT, bounds_ms
from pipelines.demo.orders import NEVER, Orders, order_ids
from pipelines.demo.people import customer_id_of, email_of, name_of, phone_of
from pipelines.demo.shop import DAY_MS, END_MS, START_MS, Array, pick, utc_text

Record = dict[str, Any]

HOUR_MS = 3_600_000
AFTER_ORDER, AFTER_HELP = 0.30, 0.25  # shares of orders, and of views of the help page, that lead to a ticket
FIRST_RESPONSE_HOURS, SLOWDOWN = 5.0, 3.0  # median of a lognormal; how much later when support is slow
RATED = 0.65
USUAL_RATINGS, BAD_RATINGS = (4, 6, 12, 33, 45), (30, 27, 20, 15, 8)  # weights of 1..5
FIRST_TICKET_ID, FIRST_REQUESTER_ID = 30_001, 900_000_000
RATING_FIELD, ORDER_FIELD = 360001, 360002
CHANNELS, TAGS = ("web", "email", "chat"), ("delivery", "return", "account")
PRIORITIES = (None, "low", "normal", "high", "urgent")


@dataclass(frozen=True)
class Tickets:
    """One row per ticket in the order of time; order_id is 0 without an order, rating 0 without one."""

    person: Array
    order_id: Array
    created_ms: Array
    replied_ms: Array
    solved_ms: Array
    rated_ms: Array
    rating: Array
    channel: Array
    priority: Array
    tag: Array

    def __len__(self) -> int:
        return len(self.person)


def ask(orders: Orders, helped: Array, helped_ms: Array, broken: frozenset[str], rng: np.random.Generator) -> Tickets:
    """Draw the tickets: some after an order, within 14 days; some after a help page (persons, instants)."""
    asks = np.flatnonzero(rng.random(len(orders)) < AFTER_ORDER)
    after_days = np.minimum(0.1 + rng.exponential(4, len(asks)), 14 * rng.random(len(asks)) + 0.1)
    shows = np.flatnonzero(rng.random(len(helped)) < AFTER_HELP)
    person = np.concatenate([orders.person[asks], helped[shows]])
    order_id = np.concatenate([order_ids(len(orders))[asks], np.zeros(len(shows), np.int64)])
    after_order = orders.placed_ms[asks] + (after_days * DAY_MS).astype(np.int64)
    created = np.concatenate([after_order, helped_ms[shows] + rng.integers(60_000, 2 * HOUR_MS, len(shows))])
    by_time = np.argsort(created, kind="stable")
    by_time = by_time[created[by_time] < END_MS - HOUR_MS]
    return _answer(person[by_time], order_id[by_time], created[by_time], broken, rng)


def _answer(
    person: Array, order_id: Array, created: Array, broken: frozenset[str], rng: np.random.Generator
) -> Tickets:
    n = len(person)
    is_slow = (created >= bounds_ms(SLOW_SUPPORT)[0]) & (SLOW_SUPPORT.kind in broken)
    hours = FIRST_RESPONSE_HOURS * np.exp(0.7 * rng.normal(size=n)) * np.where(is_slow, SLOWDOWN, 1.0)
    replied = created + (hours * HOUR_MS).astype(np.int64)
    solved = replied + (18 * HOUR_MS * np.exp(0.9 * rng.normal(size=n))).astype(np.int64)
    solved = np.where(rng.random(n) < 0.03, NEVER, solved)
    rated = solved + (HOUR_MS * (0.2 + rng.exponential(12, n))).astype(np.int64)
    rated = np.where((rng.random(n) < RATED) & (solved < NEVER), rated, NEVER)
    rating = 1 + np.where(is_slow, pick(rng, BAD_RATINGS, n), pick(rng, USUAL_RATINGS, n))
    return Tickets(
        person, order_id, created, replied, solved, rated, np.where(rated < END_MS, rating, 0),
        pick(rng, [5, 4, 2], n), pick(rng, [4, 1, 6, 2, 1], n), pick(rng, [5, 3, 2], n),
    )  # fmt: skip


def ticket_records(tickets: Tickets, rng: np.random.Generator) -> Iterator[Record]:
    """The tickets as the help desk's API tells them at the end of the data."""
    created, updated = utc_text(tickets.created_ms), utc_text(_updated_ms(tickets))
    has_score = rng.random(len(tickets)) < 0.95
    for i in range(len(tickets)):
        rating, order_id = int(tickets.rating[i]), int(tickets.order_id[i])
        score = ("good" if rating >= 4 else "bad") if rating and has_score[i] else "unoffered"
        yield {
            "id": FIRST_TICKET_ID + i,
            "created_at": created[i],
            "updated_at": updated[i],
            "status": _status(tickets, i),
            "via": {"channel": CHANNELS[tickets.channel[i]]},
            "requester_id": FIRST_REQUESTER_ID + int(tickets.person[i]),
            "organization_id": None,
            "priority": PRIORITIES[tickets.priority[i]],
            "tags": [TAGS[tickets.tag[i]]],
            "satisfaction_rating": {"score": score},
            "custom_fields": [
                {"id": RATING_FIELD, "value": str(rating) if rating else None},
                {"id": ORDER_FIELD, "value": str(order_id) if order_id else None},
            ],
        }


def _updated_ms(tickets: Tickets) -> Array:
    facts = np.stack([tickets.created_ms, tickets.replied_ms, tickets.solved_ms, tickets.rated_ms])
    latest: Array = np.where(facts < END_MS, facts, START_MS).max(axis=0)
    return latest


def _status(tickets: Tickets, i: int) -> str:
    if tickets.solved_ms[i] < END_MS:
        return "closed" if tickets.solved_ms[i] < END_MS - 28 * DAY_MS else "solved"
    return "open" if tickets.replied_ms[i] < END_MS else "new"


def metric_records(tickets: Tickets) -> Iterator[Record]:
    """One metric set per ticket: minutes to the first reply, and when it was solved."""
    created, solved = utc_text(tickets.created_ms), utc_text(tickets.solved_ms)
    minutes = (tickets.replied_ms - tickets.created_ms) // 60_000
    for i in range(len(tickets)):
        has_reply, is_solved = tickets.replied_ms[i] < END_MS, tickets.solved_ms[i] < END_MS
        calendar, business = int(minutes[i]), int(minutes[i]) * 2 // 5  # the desk is open ten hours a day
        yield {
            "id": 50_000_000 + FIRST_TICKET_ID + i,
            "ticket_id": FIRST_TICKET_ID + i,
            "created_at": created[i],
            "solved_at": solved[i] if is_solved else None,
            "reply_time_in_minutes": {
                "calendar": calendar if has_reply else None,
                "business": business if has_reply else None,
            },
        }


def user_records(tickets: Tickets, rng: np.random.Generator) -> Iterator[Record]:
    """The requesters: same e-mail as in the shop, though some typed it in capitals; most without the shop's id."""
    people, first_row = np.unique(tickets.person, return_index=True)
    created = utc_text(tickets.created_ms[first_row])
    capitals, linked = rng.random(len(people)) < 0.3, rng.random(len(people)) < 0.4
    for i, person in enumerate(people.tolist()):
        email = email_of(person)
        yield {
            "id": FIRST_REQUESTER_ID + person,
            "name": " ".join(name_of(person)),
            "email": email.upper() if capitals[i] else email,
            "phone": phone_of(person),
            "external_id": str(customer_id_of(person)) if linked[i] else None,
            "created_at": created[i],
            "updated_at": created[i],
        }
