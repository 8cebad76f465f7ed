"""Begin a workspace."""

from pathlib import Path

from connectors.keys import make_key
from pipelines.workspace import Workspace

STARTER = Path(__file__).parent / "starter.yaml"


def init(workspace: Workspace) -> list[str]:
    """Make a definition and a key where there are none; tell what was done."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    said = []
    if workspace.definition.exists():
        said.append(f"{workspace.definition} is there already and stays as it is.")
    else:
        workspace.definition.write_text(STARTER.read_text())
        said.append(f"Wrote {workspace.definition}: say there where your events are and what they mean.")
    said.append(
        f"Wrote {workspace.key} (readable by you alone): keep it outside the data and its backups."
        if make_key(workspace.key)
        else f"{workspace.key} is there already and stays as it is."
    )
    said.append("Next: journeys check, then journeys run.")
    return said
