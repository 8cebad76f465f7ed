"""What was planted, and what a plain count over the simulated people finds of it: the answer key of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.demo.behaviour import Touches, Visits
from pipelines.demo.defects import (
    CHECKOUT_LOOP,
    DEFECTS,
    LOGIN_BUG,
    PAYMENT_OUTAGE,
    SLOW_SUPPORT,
    bounds_ms,
    date_of,
    is_active,
)
from pipelines.demo.moves import EVENT_OF_STEP, PERSONAS, STEP, STEPS
from pipelines.demo.people import People, customer_id_of, email_of
from pipelines.demo.shop import END_MS, Array
from pipelines.demo.tickets import Tickets

Record = dict[str, Any]


def rate(name: str, unit: str, is_success: Array, is_hit: Array) -> Record:
    """Share of successes among the units hit by a defect, and among the others.

    >>> rate("paid", "visit", np.array([True, False, True]), np.array([True, True, False]))["with"]
    {'value': 0.5, 'n': 2}
    """

    def side(chosen: Array) -> Record:
        n = int(chosen.sum())
        return {"value": round(float(is_success[chosen].mean()), 4) if n else None, "n": n}

    return {"name": name, "unit": unit, "with": side(is_hit), "without": side(~is_hit)}


def defect_truths(visits: Visits, touches: Touches, tickets: Tickets, broken: frozenset[str]) -> list[Record]:
    """One record per planted defect: what it is, where it should show, whom it met, rates with and without."""
    findings = {
        PAYMENT_OUTAGE.kind: _payment_outage(visits, touches),
        LOGIN_BUG.kind: _login_bug(visits, touches),
        CHECKOUT_LOOP.kind: _checkout_loop(visits, touches),
        SLOW_SUPPORT.kind: _slow_support(tickets),
    }
    return [
        {
            "kind": defect.kind,
            "says": defect.says,
            "shows_as": defect.shows_as,
            "first_day": date_of(defect.first_day),
            "last_day": date_of(defect.last_day),
            "devices": [f"{device_type} {os}" for device_type, os in defect.devices],
            "n_people_affected": findings[defect.kind][0],
            "rates": findings[defect.kind][1],
        }
        for defect in DEFECTS
        if defect.kind in broken
    ]


def _payment_outage(visits: Visits, touches: Touches) -> tuple[int, list[Record]]:
    tried, paid = _visits_with(visits, touches, "payment"), _visits_with(visits, touches, "purchase")
    is_payment = touches.step == STEP["payment"]
    is_hit = _visits_of(visits, touches.visit[is_payment & _is_hit(visits, touches, PAYMENT_OUTAGE)])
    is_refused = (touches.step == STEP["payment_error"]) & _is_hit(visits, touches, PAYMENT_OUTAGE)
    rates = [rate("payment success", "visits with add_payment_info: ended in a purchase", paid[tried], is_hit[tried])]
    return _n_people(visits, touches.visit[is_refused]), rates


def _login_bug(visits: Visits, touches: Touches) -> tuple[int, list[Record]]:
    is_ok = np.isin(touches.step, [STEP["login_ok"], STEP["sign_in_ok"]])
    is_bad = np.isin(touches.step, [STEP["login_bad"], STEP["sign_in_bad"]])
    is_hit, answered = _is_hit(visits, touches, LOGIN_BUG), is_ok | is_bad
    rates = [rate("login success", "answered login attempts: login_success", is_ok[answered], is_hit[answered])]
    return _n_people(visits, touches.visit[is_bad & is_hit]), rates


def _checkout_loop(visits: Visits, touches: Touches) -> tuple[int, list[Record]]:
    n_begun = np.bincount(touches.visit[touches.step == STEP["begin"]], minlength=len(visits.person))
    n_shipping = np.bincount(touches.visit[touches.step == STEP["shipping"]], minlength=len(visits.person))
    is_hit = _visits_of(visits, touches.visit[_is_hit(visits, touches, CHECKOUT_LOOP)])
    bought, chosen = _visits_with(visits, touches, "purchase"), n_shipping > 0
    rates = [
        rate("checkout completion", "visits with add_shipping_info: bought", bought[chosen], is_hit[chosen]),
        rate("checkout restarted", "same: began checkout again", n_begun[chosen] > 1, is_hit[chosen]),
    ]
    return _n_people(visits, np.flatnonzero(is_hit & (n_begun > 1))), rates


def _slow_support(tickets: Tickets) -> tuple[int, list[Record]]:
    is_hit = tickets.created_ms >= bounds_ms(SLOW_SUPPORT)[0]
    hours = (tickets.replied_ms - tickets.created_ms) / 3_600_000
    answered, rated = tickets.replied_ms < END_MS, tickets.rating > 0

    def of(values: Array, chosen: Array) -> Record:
        n = int(chosen.sum())
        return {"value": round(float(np.median(values[chosen])), 2) if n else None, "n": n}

    first_response = {
        "name": "first response, median hours",
        "unit": "answered tickets",
        "with": of(hours, is_hit & answered),
        "without": of(hours, ~is_hit & answered),
    }
    satisfied = rate("rated 4 or 5", "rated tickets", (tickets.rating >= 4)[rated], is_hit[rated])
    return len(np.unique(tickets.person[is_hit])), [first_response, satisfied]


def _is_hit(visits: Visits, touches: Touches, defect: Any) -> Array:
    return is_active(defect, touches.at_ms, visits.device[touches.visit])


def _visits_of(visits: Visits, numbers: Array) -> Array:
    marks = np.zeros(len(visits.person), bool)
    marks[numbers] = True
    return marks


def _visits_with(visits: Visits, touches: Touches, step: str) -> Array:
    return _visits_of(visits, touches.visit[touches.step == STEP[step]])


def _n_people(visits: Visits, numbers: Array) -> int:
    return len(np.unique(visits.person[numbers]))


def event_counts(touches: Touches) -> dict[str, int]:
    """Number of distinct web events by name."""
    by_step = np.bincount(touches.step, minlength=len(STEPS)).tolist()
    counts: dict[str, int] = {}
    for step, event in EVENT_OF_STEP.items():
        counts[event] = counts.get(event, 0) + by_step[STEP[step]]
    return dict(sorted(counts.items()))


def write_people(path: Path, people: People, visits: Visits, touches: Touches) -> Record:
    """Write the true identity, one row per person and device seen; returns the counts of it.

    `user_id` and `email` are there for those with an account or an order; `persona` is that of the latest journey.
    """
    seen = np.unique(touches.visit)
    slots = np.unique(visits.person[seen] * np.int64(2) + visits.slot[seen])
    person, slot = slots // 2, slots % 2
    is_buyer = np.zeros(len(people), bool)
    is_buyer[visits.person[touches.visit[touches.step == STEP["purchase"]]]] = True
    is_customer = (people.has_account | is_buyer)[person]
    latest = np.zeros(len(people), np.int64)
    latest[visits.person[seen]] = visits.persona[seen]  # visits are numbered round by round: the last one stays
    numbers = person.tolist()
    table = pa.table(
        {
            "person_no": pa.array(person),
            "device_id": [f"d_{number:016x}" for number in people.device_ids[person, slot].tolist()],
            "user_id": pa.array([str(customer_id_of(n)) for n in numbers], mask=~is_customer),
            "email": pa.array([email_of(n) for n in numbers], mask=~is_customer),
            "persona": np.array(list(PERSONAS))[latest[person]],
        }
    )
    pq.write_table(table, path)
    n_people = len(np.unique(person))
    known = _n_people(visits, touches.visit[touches.is_known])
    return {
        "n_people": n_people,
        "n_devices": len(slots),
        "n_people_with_two_devices": len(slots) - n_people,
        "n_people_known_on_the_web": known,
    }
