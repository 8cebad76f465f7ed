"""Begin a workspace, and change its key."""

from pathlib import Path

from connectors.keys import make_key, rotate_key
from pipelines.workspace import Workspace, locked

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
    where = "" if workspace.root == Path() else f" --workspace {workspace.root}"
    said.append(f"Next: journeys check{where}, then journeys run{where}.")
    return said


def rotate(workspace: Workspace) -> list[str]:
    """Give the workspace a new key to hash with, keeping the old ones below it; tell what to do next."""
    with locked(workspace):
        key_id = rotate_key(workspace.key)
    return [
        f"From now on the key {key_id} hashes e-mail addresses and phone numbers; the old ones stay in {workspace.key}.",
        "Under two keys one address is two. `journeys status` names the sources that landed under another key;",
        "bring each under the new one by `journeys land --again SOURCE`, then run.",
    ]
