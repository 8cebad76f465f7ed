"""What commands take, whichever they are (imports: see cli.py)."""

from pathlib import Path
from typing import Annotated

import typer

Where = Annotated[
    Path, typer.Option("--workspace", "-w", metavar="DIR", help="The folder with the journey.yaml.", file_okay=False)
]
HERE = Path(".")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for a program, and no progress.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change the definition for this run: --set sessions.by=gap"),
]


def overrides(pairs: list[str] | None) -> dict[str, str]:
    """Read what `--set` says, by dotted key.

    >>> overrides(["sessions.by=gap"])
    {'sessions.by': 'gap'}
    """
    for pair in pairs or ():
        if "=" not in pair:
            raise typer.BadParameter(f"--set {pair}: write KEY=VALUE, for example --set sessions.by=gap.")
    return dict(pair.split("=", 1) for pair in pairs or ())
