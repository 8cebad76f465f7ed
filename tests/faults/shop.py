"""A small shop with two sources, and what each night brings it: a function of the seed and the night alone."""

import csv
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

DEFINITION = """
name: faulty_shop
sources:
  web:
    connector: files
    path: "web/*.csv"
    user_ids: shop
    event_name: event
    fields: {event_id: id, occurred_at: time, user_id: user, device_id: device, page: page, order_id: order}
  orders:
    connector: files
    path: "orders/*.jsonl"
    records: snapshot
    user_ids: shop
    fields: {record_id: order, updated_at: changed, order_id: order, user_id: user, email: email}
    events:
      order_placed:  {occurred_at: placed, amount: total, currency: {const: EUR}, passive: true}
      order_shipped: {occurred_at: shipped, passive: true}
touchpoints:
  page:    {source: web, event: page_view, role: product_viewed}
  cart:    {source: web, event: add_to_cart, role: cart_added}
  login:   {source: web, event: login, role: login_succeeded}
  buy:     {source: web, event: purchase, role: purchased}
  placed:  {source: orders, event: order_placed}
  shipped: {source: orders, event: order_shipped}
personas:
  returning: {earlier_sessions: ">= 1"}
journeys:
  purchase:
    gap: 3d
    window: 3d
    success: buy
    stages:
      look: {objective: Find it, touchpoints: [page, login]}
      cart: {objective: Gather it, touchpoints: [cart]}
      buy:  {objective: Own it, touchpoints: [buy]}
kpis:
  conversion_rate:       {target: 0.2, stage: buy}
  cart_abandonment_rate: {target: 0.7, stage: cart}
report: {period: 7d}
privacy: {k: 2}
"""
FIRST_DAY = datetime(2024, 5, 1)
WEB = ("id", "time", "user", "device", "event", "page", "order")
Row = dict[str, str | None]


def make(root: Path, n_nights: int = 1) -> None:
    """Make the shop's workspace with a key that is always the same, and deliver its first nights."""
    root.mkdir(parents=True)
    (root / "journey.yaml").write_text(DEFINITION)
    (root / "journeys.key").write_text("5e" * 32 + "\n")
    (root / "journeys.key").chmod(0o600)
    for night in range(1, n_nights + 1):
        deliver(root, night)


def deliver(root: Path, night: int, seed: int = 7) -> None:
    """Put one night's files where the sources look: new, late, repeated, conflicting, changed and unreadable records."""
    web, orders = root / "web" / f"{night:03}.csv", root / "orders" / f"{night:03}.jsonl"
    for path in (web, orders):
        path.parent.mkdir(exist_ok=True)
    with web.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, WEB)
        writer.writeheader()
        writer.writerows(_web(night, seed))
    orders.write_text("".join(f"{line}\n" for line in _orders(night, seed)))


def _web(night: int, seed: int) -> list[Row]:
    chance = random.Random(f"web {seed} {night}")
    rows = _visits(night, seed)
    before = _visits(night - 1, seed) if night > 1 else rows
    repeated = chance.sample(before, 3)
    conflicting = [{**row, "page": "/elsewhere"} for row in chance.sample(before, 2)]
    unreadable = [{**row, "id": f"{row['id']}x", "time": "soon"} for row in chance.sample(rows, 2)]
    return [*rows, *repeated, *conflicting, *unreadable]


def _visits(night: int, seed: int) -> list[Row]:
    chance = random.Random(f"visits {seed} {night}")
    rows: list[Row] = []
    for visit in range(40):
        person = chance.randint(1, 25)
        days_late = 0 if chance.random() < 0.9 else chance.randint(1, 150)
        at = FIRST_DAY + timedelta(days=night - days_late, seconds=chance.randint(0, 86_000))
        steps = ["page_view"] * chance.randint(1, 3) + ["add_to_cart", "login", "purchase"][: chance.randint(0, 3)]
        for step in steps:
            at += timedelta(seconds=chance.randint(0, 400))
            rows.append(
                {
                    "id": f"{night}-{visit}-{len(rows)}",
                    "time": f"{at.isoformat()}Z",
                    "user": f"u{person}" if step in ("login", "purchase") else None,
                    "device": f"d{person % 20}",
                    "event": step,
                    "page": f"/{chance.choice('abc')}",
                    "order": f"o{night}-{visit}" if step == "purchase" else None,
                }
            )
    return rows


def _orders(night: int, seed: int) -> list[str]:
    """Tonight's orders, and last night's again now that they are shipped; two lines are no JSON."""
    told = [_order(row, shipped=False) for row in _visits(night, seed) if row["event"] == "purchase"]
    if night > 1:
        told += [_order(row, shipped=True) for row in _visits(night - 1, seed) if row["event"] == "purchase"]
    return [*map(json.dumps, told), '{"order": ', f"cut {night}"]


def _order(row: Row, *, shipped: bool) -> dict[str, str | float | None]:
    placed = datetime.fromisoformat(str(row["time"]))
    later = (placed + timedelta(days=1)).isoformat()
    return {
        "order": row["order"],
        "user": row["user"],
        "email": f"{row['user']}@example.org",
        "placed": row["time"],
        "shipped": later if shipped else None,
        "changed": later if shipped else row["time"],
        "total": len(str(row["order"])) * 9.5,
    }
