"""The demo's data: twelve weeks of an online shop, invented from a seed, with four things broken on purpose.

Who the people are: passers-by, browsers and regulars, on desktops, phones and tablets (`people`).
How a visit goes: landing, looking, cart, checkout, purchase, with persona and channel deciding the odds (`moves`,
`behaviour`). What follows: parcels and refunds (`orders`), questions to support (`tickets`).
What is broken: payments for six days, the login on Android phones, the checkout on tablets, a slow support (`defects`).
What was planted, and what should be found, is in truth.json and people.parquet (`truth`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.demo.behaviour import Touches, Visits, live
from pipelines.demo.defects import ALL_KINDS
from pipelines.demo.moves import STEP
from pipelines.demo.orders import Orders, fulfil, order_records
from pipelines.demo.people import People, invent_people
from pipelines.demo.shop import COUNTRIES, CURRENCIES, END, END_MS, START, Array
from pipelines.demo.tickets import Tickets, ask, metric_records, ticket_records, user_records
from pipelines.demo.truth import defect_truths, event_counts, write_people
from pipelines.demo.web_files import Flaws, write_web

EVENTS_PER_PERSON = 12.5  # a little below what people do on average, so that enough people are invented


def simulate(folder: Path, n_events: int, seed: int = 7, broken: frozenset[str] = ALL_KINDS) -> dict[str, Any]:
    """Write web/*.jsonl, orders.json, tickets.json, people.parquet and truth.json; returns the truth.

    The same (n_events, seed, broken) writes the same bytes. n_events (1,000 to 10,000,000) counts distinct web events;
    `broken` names the defects to plant.
    """
    folder.mkdir(parents=True, exist_ok=True)
    on_people, on_visits, on_orders, on_tickets, on_files = np.random.default_rng([seed, n_events]).spawn(5)
    n_invented = n_events / EVENTS_PER_PERSON
    people = invent_people(round(n_invented + 8 * n_invented**0.5), on_people)
    visits, touches = live(people, broken, on_visits)
    touches = in_time_order(enough(visits, touches, n_events))
    orders = fulfil(*purchases(people, visits, touches), on_orders)
    tickets = ask(orders, *looks_for_help(people, visits, touches), broken, on_tickets)
    paths, flaws = write_web(folder, people, visits, touches, orders, on_files)
    paths += write_apis(folder, orders, tickets, on_files)
    truth = {
        "n_events": len(touches.at_ms),
        "seed": seed,
        "starts": f"{START}Z",
        "now": f"{END}Z",
        "people": write_people(folder / "people.parquet", people, visits, touches),
        "events": event_counts(touches),
        "orders": {"n_orders": len(orders), "n_test_orders": 2},
        "tickets": {"n_tickets": len(tickets), "n_rated": int((tickets.rating > 0).sum())},
        "defects": defect_truths(visits, touches, tickets, broken),
        **flaws_truth(flaws),
    }
    paths += [folder / "people.parquet", folder / "truth.json"]
    truth["files"] = [str(path.relative_to(folder)) for path in paths]
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    return truth


def enough(visits: Visits, touches: Touches, n_events: int) -> Touches:
    """Keep whole people until their events (before the end) number n_events; smaller ones fill what is missing."""
    is_past = touches.at_ms < END_MS - 60_000
    person = visits.person[touches.visit]
    counts = np.bincount(person[is_past])
    is_kept = np.cumsum(counts) <= n_events
    missing = n_events - int(counts[is_kept].sum())
    for candidate in np.flatnonzero(~is_kept & (counts > 0) & (counts <= missing)).tolist():
        if counts[candidate] <= missing:
            is_kept[candidate] = True
            missing -= int(counts[candidate])
    return _rows(touches, is_past & is_kept[person])


def in_time_order(touches: Touches) -> Touches:
    """Sort by instant."""
    return _rows(touches, np.argsort(touches.at_ms, kind="stable"))


def _rows(touches: Touches, chosen: Array) -> Touches:
    return replace(touches, **{field.name: getattr(touches, field.name)[chosen] for field in fields(touches)})


def purchases(people: People, visits: Visits, touches: Touches) -> tuple[Array, Array, Array, Array]:
    """Person, currency, cents and instant of each purchase, in the order of time."""
    is_purchase = touches.step == STEP["purchase"]
    person = visits.person[touches.visit[is_purchase]]
    currency = np.array([CURRENCIES.get(country, "EUR") for country in COUNTRIES])[people.country[person]]
    return person, currency, touches.paid_cents[is_purchase], touches.at_ms[is_purchase]


def looks_for_help(people: People, visits: Visits, touches: Touches) -> tuple[Array, Array]:
    """Person and instant of each view of the help page by somebody with an account."""
    person = visits.person[touches.visit]
    chosen = (touches.step == STEP["help"]) & people.has_account[person]
    return person[chosen], touches.at_ms[chosen]


def write_apis(folder: Path, orders: Orders, tickets: Tickets, rng: np.random.Generator) -> list[Path]:
    """Write what the shop's and the help desk's APIs would answer: orders.json and tickets.json."""
    orders_path, tickets_path = folder / "orders.json", folder / "tickets.json"
    orders_path.write_text(_json_list(order_records(orders)) + "\n")
    lists = {
        "tickets": ticket_records(tickets, rng),
        "users": user_records(tickets, rng),
        "metric_sets": metric_records(tickets),
    }
    text = ",\n".join(f'"{name}": {_json_list(records)}' for name, records in lists.items())
    tickets_path.write_text("{\n" + text + "\n}\n")
    return [orders_path, tickets_path]


def _json_list(records: Iterable[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(json.dumps(record, separators=(",", ":")) for record in records) + "\n]"


def flaws_truth(flaws: Flaws) -> dict[str, Any]:
    """What landing should refuse, and what it should recognise as sent twice."""
    broken = [{"file": f"web/{file}", "line_no": line, "reason": reason} for file, line, reason in flaws.broken]
    return {
        "expected_quarantine": broken,
        "expected_duplicates": {"n": len(flaws.sent_twice), "event_ids": flaws.sent_twice},
    }
