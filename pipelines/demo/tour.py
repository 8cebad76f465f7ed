"""`journeys demo`: invent the shop if it is not there, start its APIs, run the main job on it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.keys import make_key
from pipelines.demo.apis import shop_api, zendesk_api
from pipelines.demo.simulate import simulate
from pipelines.errors import JourneysError
from pipelines.run import Outcome, run
from pipelines.workspace import Workspace

Say = Callable[[str], None]
TOKEN = "demo-token"


def demo(workspace: Workspace, n_events: int, seed: int, say: Say) -> Outcome:
    """Run the main job on the invented shop; a second time it finds nothing new."""
    shop = invent(workspace, n_events, seed, say)
    make_key(workspace.key)
    with apis(shop) as overrides:
        return run(workspace, say, overrides)


def invent(workspace: Workspace, n_events: int, seed: int, say: Say) -> Path:
    """Make the shop's data and the workspace's definition where they are not there yet; return the shop's folder."""
    shop = workspace.root / "shop"
    truth = shop / "truth.json"
    if truth.exists():
        planted = json.loads(truth.read_bytes())
        if (planted["n_events"], planted["seed"]) != (n_events, seed):
            raise JourneysError(
                f"{workspace.root} holds another demo ({planted['n_events']:,} events, seed {planted['seed']}); "
                "remove the folder, or name another with --workspace."
            )
    else:
        say(f"invent a shop with {n_events:,} web events")
        simulate(shop, n_events, seed)
    if not workspace.definition.exists():
        workspace.definition.write_bytes((Path(__file__).parent / "journey.yaml").read_bytes())
    return shop


@contextmanager
def apis(shop: Path) -> Iterator[dict[str, str]]:
    """Serve the shop's orders and tickets on this machine; give the definition's changes that lead there."""
    truth, orders, desk = (_read(shop / f"{name}.json") for name in ("truth", "orders", "tickets"))
    now = datetime.fromisoformat(truth["now"])
    os.environ["DEMO_TOKEN"] = TOKEN
    with (
        shop_api(orders, now=now, token=TOKEN) as shop_url,
        zendesk_api(desk["tickets"], desk["users"], desk["metric_sets"], now=now, token=TOKEN) as desk_url,
    ):
        yield {"sources.orders.url": shop_url, "sources.support.url": desk_url}


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())
