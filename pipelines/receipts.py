"""The receipt of an erasure: when, whom, how much, and what lies outside our reach."""

import json
from collections.abc import Iterable
from typing import Any

from connectors.durable import write
from connectors.erasure import Erasure
from pipelines.definition import Definition
from pipelines.workspace import Workspace


def write_receipt(
    workspace: Workspace, definition: Definition, undefined: Iterable[str], erasure: Erasure
) -> dict[str, Any]:
    """Write erasures/<person_id>.json, unless it is there, and return what it says; one erased again has one more.

    `undefined` are the sources that have landed and are not in the definition: what landed of them was looked through too.
    """
    folder = workspace.receipts
    folder.mkdir(exist_ok=True, mode=0o700)
    receipt = {
        "person_id": erasure.person_id,
        "asked_at": erasure.asked_at.isoformat(),
        "finished_at": erasure.finished_at.isoformat() if erasure.finished_at else None,
        "n_events": erasure.n_events,
        "n_quarantined": erasure.n_quarantined,
        "n_files_written_anew": erasure.n_files,
        "n_tombstones": len(erasure.tombstones),
        "outside_our_reach": [*_sources(definition), *map(UNDEFINED.format, undefined), *BEYOND],
    }
    path = folder / f"{erasure.person_id}.json"
    if path.exists() and json.loads(path.read_bytes())["asked_at"] != receipt["asked_at"]:
        path = folder / f"{erasure.person_id}-{erasure.asked_at:%Y%m%dT%H%M%S}.json"
    if not path.exists():
        write(path, json.dumps(receipt, indent=2).encode())
    return dict(json.loads(path.read_bytes()))


UNDEFINED = "the source {}, which journey.yaml had once; what landed of it was looked through, and what may come again is kept out"
BEYOND = (
    "backups and copies of this workspace, and builds, pages or tables that were taken out of it",
    "journey.yaml, where identity.block or identity.unlink may name them",
)


def _sources(definition: Definition) -> list[str]:
    return [
        f"the source {name} ({spec.connector}: {where}), which may deliver them again; it is kept out"
        for name, spec in definition.sources.items()
        for where in [(spec.model_extra or {}).get("path") or (spec.model_extra or {}).get("url") or "its own"]
    ]
