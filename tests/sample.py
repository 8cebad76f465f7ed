"""A small made-up build with everything in it: two sources, three journeys, personas, every KPI."""

import random
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pipelines import build, deliveries, history, models
from pipelines.definition import Definition
from pipelines.mining import mine
from pipelines.tables import definition_tables
from pipelines.warehouse import make_model, run_all
from tests.drawn import rows_of
from tests.drawn_defaults import Rows
from tests.drawn_warehouse import pour, warehouse

START = datetime(2024, 4, 1)
AS_OF = datetime(2024, 6, 1)
ROLES = {
    "web": [
        "searched",
        "product_viewed",
        "cart_added",
        "checkout_started",
        "payment_info_added",
        "purchased",
        "login_tried",
        "login_succeeded",
    ],
    "desk": ["ticket_opened", "first_response", "resolved", "rated"],
}


def definition() -> Definition:
    """Every role is a touchpoint of the same name."""
    touchpoints = {
        role: {"source": source, "event": role, "role": role} for source, roles in ROLES.items() for role in roles
    }
    purchase = {
        "look": {"touchpoints": ["searched", "product_viewed"]},
        "cart": {"touchpoints": ["cart_added", "checkout_started"]},
        "buy": {"touchpoints": ["purchased"]},
        "help": {"touchpoints": ["ticket_opened"]},
    }
    support = {"open": {"touchpoints": ["ticket_opened", "first_response"]}, "solved": {"touchpoints": ["resolved"]}}
    return Definition.model_validate(
        {
            "name": "sample",
            "zone": "Europe/Berlin",
            "touchpoints": touchpoints,
            "sources": {
                "web": {"connector": "files", "user_ids": "shop"},
                "desk": {"connector": "files", "user_ids": "shop"},
            },
            "personas": {"returning": {"earlier_sessions": ">= 1"}, "mobile": {"device_type": "mobile"}},
            "journeys": {
                "purchase": {"gap": "7d", "window": "7d", "success": "buy", "stages": purchase},
                "support": {"subject": "ticket", "window": "3d", "success": "solved", "stages": support},
                "visit": {"subject": "session", "window": "1d", "success": "buy", "stages": purchase},
            },
            "kpis": {name: {"target": 0.5} for name in models.kpi_models()},
            "report": {"period": "14d"},
        }
    )


def landed(n: int = 600) -> Rows:
    """Events of a few people in some visits, a minute or so apart, the same at every run."""
    chance = random.Random(7)
    rows: Rows = []
    while len(rows) < n:
        person, at = chance.randint(1, 25), START + timedelta(minutes=chance.randint(0, 58 * 24 * 60))
        source = chance.choice(["web", "web", "web", "desk"])
        for _ in range(chance.randint(1, 8)):
            role = chance.choice(ROLES[source])
            at += timedelta(seconds=chance.randint(0, 300))
            rows.append(event(chance, source, role, person, at, len(rows)))
    return [*rows, *odd(chance, len(rows))]


def odd(chance: random.Random, n: int) -> Rows:
    """Two people at one device, a user whose name is nobody's, and a ticket that was sent again after it changed."""
    drawn = {
        "two people": [{"user_id": "1", "device_id": "d0"}, {"user_id": "2", "device_id": "d0"}],
        "nobody": [{"user_id": "null", "device_id": "d0"}],
        "sent again": [{"record_id": "r1", "load_seq": load_seq, "updated_at": AS_OF} for load_seq in (1, 2)],
    }
    return [
        event(
            chance,
            "desk" if "record_id" in row else "web",
            "searched",
            1,
            START + timedelta(minutes=number),
            n + number,
        )
        | {"is_passive": False}
        | row
        for number, row in enumerate([row for rows in drawn.values() for row in rows])
    ]


def event(chance: random.Random, source: str, role: str, person: int, at: datetime, number: int) -> dict[str, Any]:
    return {
        "source": source,
        "event_id": f"e{number:04}",
        "event_name": role,
        "occurred_at": at,
        "sequence": number,
        "is_passive": chance.random() < 0.05,
        "device_type": chance.choice(["mobile", "desktop"]),
        "device_id": f"d{person % 20}" if source == "web" else None,
        "user_id": str(person) if chance.random() < 0.3 else None,
        "email_key": f"{person}@" if source == "desk" and chance.random() < 0.8 else None,
        "ticket_id": str(person * 100 + at.day // 8) if source == "desk" else None,
        "order_id": f"o{number}" if role == "purchased" else None,
        "rating": float(chance.randint(1, 5)) if role == "rated" else None,
        "record_id": None,
        "updated_at": None,
        "load_seq": 1,
    }


def everything() -> duckdb.DuckDBPyConnection:
    """Build every table of the sample in memory, audited, with nothing dropped."""
    con = warehouse()
    complete_until = dict.fromkeys(ROLES, AS_OF)
    given = {
        name: table.to_pylist()
        for name, table in definition_tables(definition(), models.kpi_models(), complete_until).items()
    }
    given["landed_events"] = rows_of("landed_events", landed())
    given["withdrawn_records"] = []
    given["frozen_kpis"] = []
    given["deliveries"] = [{"load_seq": 1, "n_events": len(given["landed_events"])}]
    given["local_days"] = build.local_days(START, AS_OF, "Europe/Berlin").to_pylist()
    for name, rows in given.items():
        pour(con, name, rows)
    for name in models.build_order(models.models()):
        make_model(con, name, "main")
    con.from_arrow(deliveries.ledger(())).create("ledger")
    run_all(con, history.EMPTY)
    build._sign(con, build.Inputs((), complete_until, "sample"))
    mine(con)
    build.audit(con, print)
    return con
