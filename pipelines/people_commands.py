"""The commands about one person: journeys explain person | export person | erase person (imports: see cli.py)."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.answers import print_json
from pipelines.options import HERE, Json, Set, Where, overrides
from pipelines.say import speaking, tell
from pipelines.wording import counted
from pipelines.workspace import Workspace

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="A person_id, an identifier (user:shop:42), a user id, an e-mail address or a phone number."
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Go on even if the person holds several user ids, and so may be several people.")
]

explain = typer.Typer(help="Show why the tables say what they say.", no_args_is_help=True)
export = typer.Typer(help="Hand out what is known.", no_args_is_help=True)
erase = typer.Typer(help="Remove for ever.", no_args_is_help=True)


@explain.callback()
@export.callback()
@erase.callback()
def _group() -> None:
    """Keep the word `person` in the command, though it is the only one."""


@explain.command("person")
def explain_person_command(id: Id, workspace: Where = HERE, as_json: Json = False) -> None:
    """Show which links made this person, what was suspended and why, and how to undo a link."""
    from pipelines.explain import explain, lines

    found = explain(Workspace(workspace), id)
    if as_json:
        print_json(found.as_json())
        return
    for line in lines(found):
        tell(line)


@export.command("person")
def export_person_command(
    id: Id,
    workspace: Where = HERE,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", dir_okay=False, help="Write there, for its owner only.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Gather every row that is theirs, their events as they landed, and their records that could not be read, as JSON."""
    from connectors.durable import write
    from pipelines.export import export

    found = export(Workspace(workspace), id, yes)
    if out is None:
        print_json(found)
        return
    write(out, json.dumps(found, indent=2, default=str, ensure_ascii=False).encode())
    n_rows = sum(map(len, found["tables"].values()))
    tell(f"{counted(n_rows, 'row')} of {counted(len(found['tables']), 'table')} written to {out}.")
    for remark in found["remarks"]:
        tell(f"  {remark}")


@erase.command("person")
def erase_person_command(
    id: Id, workspace: Where = HERE, yes: Yes = False, set_: Set = None, as_json: Json = False
) -> None:
    """Remove a person from all that landed and all that is published, and keep them out; leave a receipt."""
    from pipelines.erase import erase

    with speaking(as_json) as say:
        receipts = erase(Workspace(workspace), id, say, yes, overrides(set_))
    if as_json:
        print_json({"receipts": receipts})
        return
    for receipt in receipts:
        tell(
            f"Person {receipt['person_id']} is erased: {counted(receipt['n_events'], 'event')}, "
            f"{counted(receipt['n_quarantined'], 'unreadable record')}, {counted(receipt['n_files_written_anew'], 'file')} written anew."
        )
        tell("  Outside our reach:")
        for place in receipt["outside_our_reach"]:
            tell(f"    {place}")
    if not receipts:
        tell("They were erased before; nothing of theirs was left.")
