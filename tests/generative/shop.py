"""A shop so small that a few deliveries meet in every way: what it says of itself, what it delivers, how that lands."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.keys import pseudonym
from connectors.manifest import LedgerRow
from pipelines.collect import land_sources
from pipelines.definition import Definition
from pipelines.workspace import Workspace
from tests.reference import events, identity

KEY = bytes(32)
NOW = datetime(2024, 7, 1, tzinfo=UTC)
START = datetime(2024, 5, 30, 20)
"""A summer evening; in Berlin the day is over two hours later."""

Row = Mapping[str, Any]
"""One record as it is delivered: a JSON object."""

RANK = {"web": 1, "orders": 2, "desk": 3}
FIELDS = {
    "event_id": "id", "occurred_at": "at", "sequence": "n", "device_id": "device", "user_id": "user", "email": "email",
    "phone": "phone", "order_id": "order", "ticket_id": "ticket", "session_key": "session", "account_id": "account",
}  # fmt: skip
SOURCES = {
    "web": {"connector": "files", "path": "web/*.jsonl", "user_ids": "shop", "order_ids": "shop", "event_name": "what", "fields": FIELDS},
    "orders": {
        "connector": "files", "path": "orders/*.jsonl", "records": "snapshot", "user_ids": "shop", "order_ids": "shop",
        "events": {"order_placed": {"occurred_at": "placed"}, "order_delivered": {"occurred_at": "delivered", "passive": True}},
        "fields": {
            "event_id": "id", "record_id": "id", "order_id": "id", "updated_at": "updated", "sequence": "n",
            "user_id": "user", "email": "email",
        },
    },
    "desk": {
        "connector": "files", "path": "desk/*.jsonl", "order_ids": "shop", "event_name": {"column": "what", "passive": ["answered"]},
        "fields": FIELDS,
    },
}  # fmt: skip
TOUCHPOINTS = {
    "search": {"source": "web", "event": "search", "role": "searched"},
    "view": {"source": "web", "event": "view", "role": "product_viewed"},
    "cart": {"source": "web", "event": "cart", "role": "cart_added"},
    "sign_in": {"source": "web", "event": "sign_in", "role": "login_tried"},
    "signed_in": {"source": "web", "event": "signed_in", "role": "login_succeeded"},
    "buy": {"event": ["buy", "order_placed"], "role": "purchased"},
    "deliver": {"source": "orders", "event": "order_delivered"},
    "ask": {"source": "desk", "event": "ask", "role": "ticket_opened"},
    "answer": {"source": "desk", "event": "answered", "role": "first_response"},
}
WEB_NAMES = ("search", "view", "cart", "sign_in", "signed_in", "buy")


@dataclass(frozen=True)
class Choices:
    """What the shop may say otherwise tomorrow; gaps and windows in minutes."""

    session_gap: int = 30
    journey_gap: int = 120
    attribute_back: int = 60
    is_by_source: bool = False
    looks_in_cart: bool = False
    kpi_window: int = 60
    kpi_target: float = 0.5
    returns: int = 1
    blocks_first_device: bool = False
    unlinks_first_user: bool = False
    user_cap: int = 2
    person_cap: int = 4
    period_days: int = 28


def definition(choices: Choices = Choices()) -> Definition:
    """What the shop says of itself."""
    look, cart = ["search", "view", "sign_in"], ["cart"]
    purchase = {
        "look": {"touchpoints": [] if choices.looks_in_cart else look},
        "cart": {"touchpoints": cart + look if choices.looks_in_cart else cart},
        "buy": {"touchpoints": ["buy"]},
        "help": {"touchpoints": ["ask", "deliver"]},
    }
    gap, window = f"{choices.journey_gap}m", f"{choices.kpi_window}m"
    return Definition.model_validate(
        {
            "name": "small",
            "zone": "Europe/Berlin",
            "sources": SOURCES,
            "touchpoints": TOUCHPOINTS,
            "identity": {
                "attribute_back": f"{choices.attribute_back}m",
                "block": ["device:web:d1"] if choices.blocks_first_device else [],
                "unlink": [["user:shop:1", email("ann@shop.example")]] if choices.unlinks_first_user else [],
                "caps": {"user": choices.user_cap, "email": 2, "phone": 1, "order": 2, "ticket": 1, "person": choices.person_cap},
            },
            "sessions": {
                "gap": f"{choices.session_gap}m",
                "by": "source" if choices.is_by_source else "gap",
                "cap": {"events": 3, "time": "1h"},
            },
            "report": {"period": f"{choices.period_days}d"},
            "personas": {"returning": {"earlier_sessions": f">= {choices.returns}"}},
            "journeys": {
                "purchase": {"gap": gap, "window": "90m", "success": "buy", "stages": purchase},
                "visit": {"subject": "session", "window": "60m", "success": "buy", "stages": purchase},
                "order": {
                    "subject": "order", "window": "3h", "success": "delivered",
                    "stages": {"ordered": {"touchpoints": ["cart", "buy"]}, "delivered": {"touchpoints": ["deliver"]}},
                },
                "company": {"subject": "account", "gap": gap, "window": "90m", "success": "buy", "stages": purchase},
                "support": {
                    "subject": "ticket", "window": "60m", "success": "solved",
                    "stages": {"open": {"touchpoints": ["ask"]}, "solved": {"touchpoints": ["answer"]}},
                },
            },
            "kpis": {
                "cart_abandonment_rate": {"target": choices.kpi_target}, "login_success_rate": {"window": window},
                "search_success_rate": {"window": window}, "repeat_purchase_rate": {"window": "4h"},
                "contact_rate": {"window": "2h"}, "conversion_rate": {"journey": "purchase"},
                "first_response_hours": {"window": "1h"},
            },
        }
    )  # fmt: skip


def identity_rules(choices: Choices) -> identity.Rules:
    """The same, as the reference model reads it."""
    return identity.Rules(
        gap=timedelta(minutes=choices.session_gap),
        attribute_back=timedelta(minutes=choices.attribute_back),
        blocked=frozenset(["device:web:d1"] if choices.blocks_first_device else []),
        unlinked=frozenset(
            [identity.link("user:shop:1", email("ann@shop.example"))] if choices.unlinks_first_user else []
        ),
        caps={"user": choices.user_cap, "email": 2, "phone": 1, "order": 2, "ticket": 1, "person": choices.person_cap},
    )


def email(address: str) -> str:
    """The identifier of an e-mail address; that of a mailbox that many share says so itself."""
    return f"email:{pseudonym(KEY, 'email', address)}"


def delivery(source: str, rows: Iterable[Row]) -> events.Delivery:
    """Delivered rows, as the reference model reads them."""
    return events.Delivery(source, source == "orders", tuple(record(source, row) for row in rows))


def record(source: str, row: Row) -> events.Record:
    """What a delivered row says."""
    text = json.dumps(row)
    if source == "orders":
        updated_at, order = datetime.fromisoformat(row["updated"]), f"order:shop:{row['id']}"
        return events.Record(text, tuple(_order_events(row)), row["id"], updated_at, order)
    return events.Record(
        text,
        (
            events.Event(
                row["id"],
                datetime.fromisoformat(row["at"]),
                source,
                RANK[source],
                row["n"],
                row["what"],
                is_passive=row["what"] == "answered",
                session_key=row.get("session"),
                device=_named(f"device:{source}", row, "device"),
                user=_named("user:shop" if source == "web" else "user:desk", row, "user"),
                email=row.get("email") and email(row["email"]),
                phone=row.get("phone") and f"phone:{pseudonym(KEY, 'phone', row['phone'])}",
                order=_named("order:shop", row, "order"),
                ticket=_named(f"ticket:{source}", row, "ticket"),
                account=_named(source, row, "account"),
            ),
        ),
    )


def _named(prefix: str, row: Row, field: str) -> str | None:
    return f"{prefix}:{row[field]}" if row.get(field) else None


def _order_events(row: Row) -> Iterable[events.Event]:
    for name, field in (("order_placed", "placed"), ("order_delivered", "delivered")):
        if row.get(field):
            yield events.Event(
                f"{row['id']}:{name}",
                datetime.fromisoformat(row[field]),
                "orders",
                RANK["orders"],
                row["n"],
                name,
                is_passive=name == "order_delivered",
                user=_named("user:shop", row, "user"),
                email=row.get("email") and email(row["email"]),
                order=f"order:shop:{row['id']}",
            )


def workspace(root: Path) -> Workspace:
    """Make an empty workspace of the shop."""
    made = Workspace(root)
    root.mkdir(exist_ok=True)
    made.builds.mkdir()
    made.key.write_text(KEY.hex())
    for name in SOURCES:
        (root / name).mkdir()
    return made


def deliver(workspace: Workspace, source: str, rows: Iterable[Row]) -> tuple[LedgerRow, ...]:
    """Put rows into the workspace as one more file of JSON lines, land it, and tell what became of them."""
    folder = workspace.root / source
    file = folder / f"{len([*folder.iterdir()]) + 1:03}.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (entry,) = land_sources(workspace, definition(), lambda line: None, only=[source], now=NOW).entries
    return entry.ledger
