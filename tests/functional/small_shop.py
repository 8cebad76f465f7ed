"""A small shop of web visits and orders, in which Ann and Bob once used the same device."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from connectors import manifest
from connectors.engine import connect, run
from connectors.keys import make_key
from pipelines.workspace import Workspace

DEFINITION = """
name: small_shop
sources:
  web:
    connector: files
    path: "web/*.csv"
    user_ids: shop
    order_ids: shop
    event_name: event
    fields: {occurred_at: time, user_id: user, device_id: device, page: page, email: email, order_id: order}
    properties: {search: search}
  orders:
    connector: files
    path: "orders/*.csv"
    records: snapshot
    user_ids: shop
    order_ids: shop
    fields: {record_id: id, updated_at: changed, user_id: user, order_id: id}
    events: {order_placed: {occurred_at: placed}}
touchpoints:
  visit:    {event: page_view}
  purchase: {event: purchase, role: purchased}
  placed:   {source: orders, event: order_placed}
journeys:
  purchase:
    gap: 7d
    window: 7d
    success: buy
    stages: {discover: {touchpoints: [visit]}, buy: {touchpoints: [purchase]}}
kpis:
  conversion_rate: {target: 0.05, stage: buy}
privacy: {k: 1}
"""
HEADER = "time,user,device,event,page,email,order,search\n"
ANNS = """2024-05-01T08:00:00Z,,dev-ann,page_view,/canary-before-login,,,
2024-05-02T09:00:00Z,ann-77,dev-ann,page_view,/canary-page,ann@example.org,,canary-search
2024-05-02T09:10:00Z,ann-77,dev-ann,purchase,/done,,ord-ann-9,
2024-05-04T09:00:00Z,,dev-shared,page_view,/canary-shared,,,
2024-05-04T09:01:00Z,ann-77,dev-shared,page_view,/home,,,
never,ann-77,dev-ann,page_view,/canary-unreadable,,,
never,,dev-x,page_view,/canary-unreadable,ANN@example.org,,
"""
OTHERS = """2024-05-03T10:00:00Z,bob-88,dev-bob,page_view,/home,bob@example.org,,
2024-05-05T10:00:00Z,bob-88,dev-shared,page_view,/home,,,
2024-05-05T10:02:00Z,bob-88,dev-shared,purchase,/done,,ord-bob-1,
2024-05-20T10:00:00Z,cem-99,dev-cem,page_view,/home,,,
2024-06-20T10:00:00Z,dee-11,dev-dee,page_view,/home,,,
never,bob-88,dev-bob,page_view,/unreadable-of-bob,,,
"""
ORDERS = "id,user,placed,changed\n"
ANNS_ORDERS = "ord-ann-9,ann-77,2024-05-02T09:10:00Z,2024-05-02T09:10:00Z\n"
OTHERS_ORDERS = """ord-bob-1,bob-88,2024-05-05T10:02:00Z,2024-05-05T10:02:00Z
ord-dee-1,dee-11,2024-06-20T10:01:00Z,2024-06-20T10:01:00Z
"""
CANARIES = (b"ann-77", b"dev-ann", b"ord-ann-9", b"canary", b"ann@example.org", b"ANN@example.org")


def quiet(line: str) -> None:
    """Say nothing."""


def shop(root: Path, web: str = ANNS + OTHERS, orders: str = ANNS_ORDERS + OTHERS_ORDERS) -> Workspace:
    """Make the workspace, with a key of its own."""
    for name, text in (
        ("web/one.csv", HEADER + web),
        ("orders/one.csv", ORDERS + orders),
        ("journey.yaml", DEFINITION),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    make_key(root / "journeys.key")
    return Workspace(root)


def copy(workspace: Workspace, to: Path) -> Workspace:
    """A copy of a shop, to break."""
    return Workspace(Path(shutil.copytree(workspace.root, to, symlinks=True)))


def ask(workspace: Workspace, sql: str, params: dict[str, Any] | None = None) -> list[Any]:
    """Ask what is published."""
    folder = workspace.current.resolve()
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        return run(con, sql, params)
    finally:
        con.close()


def files_with(workspace: Workspace, canaries: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Find what stands, byte for byte, in which file that we wrote; what the user put there is theirs."""
    given = {workspace.root / "web", workspace.root / "orders", workspace.definition, workspace.key}
    ours = [path for path in workspace.root.rglob("*") if path.is_file() and not given & {path, path.parent}]
    return {
        str(path.relative_to(workspace.root)): found
        for path in ours
        if (found := [canary for canary in canaries if canary in path.read_bytes()])
    }


def landed(workspace: Workspace, kind: str = "events") -> Path:
    """The first file of a kind that has landed."""
    files = [getattr(entry, kind) for entry in manifest.read(workspace.landing)]
    return workspace.landing / next(file.path for file in files if file)


def change_ledger(workspace: Workspace, n: int) -> None:
    """Let a ledger tell of so many records more than it did, or, below 0, than came."""
    entries = list(manifest.read(workspace.landing))
    row = entries[0].ledger[0]
    rows = (row.model_copy(update={"n_records": row.n_records + n}), *entries[0].ledger[1:])
    n_records = entries[0].n_records + (n if n > 0 else 0)
    entries[0] = entries[0].model_copy(update={"ledger": rows, "n_records": n_records})
    manifest.commit(workspace.landing, entries)


def change(workspace: Workspace, sql: str) -> None:
    """Change what is published, as nobody may."""
    folder = workspace.current.resolve()
    con = connect(folder / "journeys.duckdb", allowed=[folder])
    run(con, sql)
    run(con, "CHECKPOINT")
    con.close()
    (folder / "journeys.duckdb").chmod(0o600)
