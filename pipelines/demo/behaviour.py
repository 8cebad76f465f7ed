"""How visits go: people walk from step to step by MOVES, come back days later, and sometimes buy.

A visit lands somewhere, drawn by its channel, and then moves step by step. Where a person goes next depends on the
step, on the persona known when the journey began, on whether a login is still possible, and on what is broken just now.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from pipelines.demo.defects import is_active
from pipelines.demo.moves import (
    DESKTOP_NEWCOMER,
    LOYAL,
    MOBILE_NEWCOMER,
    OTHER,
    RETURNING,
    STEP,
    STEPS,
    WALKING_DEFECTS,
    chances,
)  # fmt: skip
from pipelines.demo.people import People, time_of_day
from pipelines.demo.shop import (
    CART_REMINDER,
    CHANNELS,
    DAY_MS,
    DEVICE_TYPES,
    END_MS,
    HOSTILE_CHANNEL,
    N_PRODUCTS,
    PRICES_CENTS,
    SEARCH_TERMS,
    SHIPPING_CENTS,
    Array,
    cumulative,
    pick,
)  # fmt: skip

HOUR_MS, JOURNEY_GAP_MS = DAY_MS // 24, 7 * DAY_MS
MAX_STEPS = 45
LANDINGS = np.array([cumulative([channel.lands_on.get(step, 0) for step in STEPS]) for channel in CHANNELS])


@dataclass(frozen=True)
class Visits:
    """One row per visit: whose, on which device (0 or 1, and its kind), from which channel, as which persona."""

    person: Array
    slot: Array
    device: Array
    channel: Array
    persona: Array


@dataclass(frozen=True)
class Touches:
    """One row per web event: the visit, the step (a position in STEPS), when, and what it was about."""

    visit: Array
    step: Array
    at_ms: Array
    is_landing: Array
    is_known: Array  # signed in, or bought, earlier in this visit (or with this very event)
    product: Array
    term: Array
    paid_cents: Array


Table = TypeVar("Table", Visits, Touches)


def live(people: People, broken: frozenset[str], rng: np.random.Generator) -> tuple[Visits, Touches]:
    """Let everybody live: round by round the first, second, third ... visit of all who come that often."""
    n = len(people)
    table = chances(broken)
    last_ms, persona, cart = np.zeros(n, np.int64), np.zeros(n, np.int8), np.zeros(n, np.int64)
    n_orders, bought_last = np.zeros(n, np.int64), np.zeros(n, bool)
    visits: list[Visits] = []
    touches: list[Touches] = []
    who, number, n_visits = np.arange(n), 0, 0
    start_ms = people.first_visit_ms
    while len(who):
        is_second = (people.device_b[who] >= 0) & (rng.random(len(who)) < 0.3)
        device = np.where(is_second, people.device_b[who], people.device_a[who])
        is_new_journey = (start_ms - last_ms[who] > JOURNEY_GAP_MS) | bought_last[who]
        persona[who] = np.where(is_new_journey, _persona(number, n_orders[who], device), persona[who])
        channel = _channel(number, cart[who] > 0, rng)
        visit = Visits(who, is_second, device, channel, persona[who])
        walked, cart[who], last_ms[who] = walk(visit, start_ms, people.has_account[who], cart[who], table, rng)
        bought = np.bincount(walked.visit[walked.step == STEP["purchase"]], minlength=len(who))
        n_orders[who] += bought
        bought_last[who] = bought > 0
        visits.append(visit)
        touches.append(replace(walked, visit=walked.visit + np.int32(n_visits)))
        n_visits, number = n_visits + len(who), number + 1
        who = who[people.planned_visits[who] > number]
        start_ms = _next_start(last_ms[who], bought_last[who], rng)
        who, start_ms = who[start_ms < END_MS], start_ms[start_ms < END_MS]
    return _joined(visits), _joined(touches)


def _persona(number: int, n_orders: Array, device: Array) -> Array:
    if number > 0:
        return np.where(n_orders > 0, LOYAL, RETURNING)
    is_mobile, is_desktop = DEVICE_TYPES[device] == "mobile", DEVICE_TYPES[device] == "desktop"
    return np.select([is_mobile, is_desktop], [MOBILE_NEWCOMER, DESKTOP_NEWCOMER], OTHER)


def _channel(number: int, has_cart: Array, rng: np.random.Generator) -> Array:
    channel = pick(rng, [c.later if number else c.first for c in CHANNELS], len(has_cart))
    if number == 0:
        channel[0] = HOSTILE_CHANNEL  # so that the smallest demo has one, too
    return np.where(has_cart & (rng.random(len(has_cart)) < 0.35), CART_REMINDER, channel)


def _next_start(last_ms: Array, bought: Array, rng: np.random.Generator) -> Array:
    """Most come back within days; others, and most who bought, after more than a week; never within the hour."""
    n = len(last_ms)
    soon, late = rng.exponential(1.3, n), 8 + rng.exponential(12, n)
    days = np.where(rng.random(n) < np.where(bought, 0.2, 0.55), soon, late)
    day = (last_ms + days * DAY_MS).astype(np.int64) // DAY_MS
    start = day * DAY_MS + time_of_day(n, rng)
    soonest = last_ms + rng.integers(HOUR_MS, 6 * HOUR_MS, n)
    return np.where(start - last_ms < HOUR_MS, soonest, start)


def walk(
    visits: Visits, start_ms: Array, has_account: Array, cart: Array, table: Array, rng: np.random.Generator
) -> tuple[Touches, Array, Array]:
    """Walk all visits at once, one step per turn; returns the touches, the carts (cents) and the last instants (ms)."""
    n = len(start_ms)
    step = (rng.random((n, 1)) >= LANDINGS[visits.channel]).sum(axis=1)
    at_ms, cart, is_known, product = start_ms.copy(), cart.copy(), np.zeros(n, bool), _products(n, rng)
    turns: list[Touches] = []
    active = np.arange(n)
    for turn in range(MAX_STEPS):
        now = step[active]
        product[active] = np.where(now == STEP["item"], _products(len(active), rng), product[active])
        cart[active] += np.where(now == STEP["add"], PRICES_CENTS[product[active]], 0)
        is_purchase = now == STEP["purchase"]
        is_known[active] |= is_purchase | (now == STEP["login_ok"]) | (now == STEP["sign_in_ok"])
        paid = np.where(is_purchase, cart[active] + SHIPPING_CENTS, 0)
        cart[active[is_purchase]] = 0
        turns.append(
            Touches(
                visit=active.astype(np.int32),
                step=now.astype(np.int8),
                at_ms=at_ms[active],
                is_landing=np.full(len(active), turn == 0),
                is_known=is_known[active],
                product=product[active].astype(np.int8),
                term=pick(rng, list(SEARCH_TERMS.values()), len(active)).astype(np.int8),
                paid_cents=paid.astype(np.int32),
            )
        )
        can_log_in = (has_account[active] & ~is_known[active]).astype(np.int64)
        broken = _broken_bits(at_ms[active], visits.device[active])
        odds = table[visits.persona[active], broken, can_log_in, now]
        step[active] = (rng.random((len(active), 1), dtype=np.float32) >= odds).sum(axis=1)
        active = active[step[active] != STEP["leave"]]
        at_ms[active] += _time_on_a_page(len(active), rng)
        if not len(active):
            break
    return _joined(turns), cart, at_ms


def _broken_bits(at_ms: Array, device: Array) -> Array:
    bits = np.zeros(len(at_ms), np.int64)
    for position, defect in enumerate(WALKING_DEFECTS):
        bits |= is_active(defect, at_ms, device).astype(np.int64) << position
    return bits


def _products(n: int, rng: np.random.Generator) -> Array:
    products: Array = (N_PRODUCTS * rng.random(n) ** 2).astype(np.int64)  # the first ones are popular
    return products


def _time_on_a_page(n: int, rng: np.random.Generator) -> Array:
    duration_ms = 25_000 * np.exp(0.9 * rng.normal(size=n))
    limited: Array = np.clip(duration_ms, 1_000, 720_000).astype(np.int64)  # no silence that would end a session
    return limited


def _joined(parts: list[Table]) -> Table:
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(kind)))
