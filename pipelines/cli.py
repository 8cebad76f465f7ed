"""The command line, `journeys`: a function per command.

What a command does is imported when it is called, so that --help and a word misspelt are answered at once.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines import people_commands
from pipelines.answers import print_json, show_expired, show_landed, show_outcome
from pipelines.entry import main
from pipelines.errors import EXIT_CODES, Violated
from pipelines.options import HERE, Json, Set, Where, overrides
from pipelines.say import speaking, tell
from pipelines.wording import counted
from pipelines.workspace import Workspace

EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items()) + "."

app = typer.Typer(
    help="Customer journeys computed from behavioural data: land, build, audit, mine, publish.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

key_app = typer.Typer(help="The key that hashes e-mail addresses and phone numbers.", no_args_is_help=True)
app.add_typer(key_app, name="key")
app.add_typer(people_commands.explain, name="explain")
app.add_typer(people_commands.export, name="export")
app.add_typer(people_commands.erase, name="erase")

Sources = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these sources.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", metavar="INSTANT", help="Take the sources as complete to this instant (UTC, or with its offset)."
    ),
]
From = Annotated[
    datetime | None,
    typer.Option("--from", metavar="DAY", formats=["%Y-%m-%d"], help="Ask again for the days from this one on."),
]
To = Annotated[datetime | None, typer.Option("--to", metavar="DAY", formats=["%Y-%m-%d"], help="... to this one.")]
Full = Annotated[
    bool,
    typer.Option("--full", help="Build from the landed files alone, not from what is published; the tables are equal."),
]


@app.command("run")
def run_command(
    workspace: Where = HERE,
    set_: Set = None,
    as_of: AsOf = None,
    full: Full = False,
    only: Annotated[
        list[str] | None, typer.Option("--source", metavar="SOURCE", help="Land this source alone; may be said again.")
    ] = None,
    first: From = None,
    last: To = None,
    as_json: Json = False,
) -> None:
    """Land what is new, build, audit, mine, and publish: the nightly job.

    Where days of a source are missing, they are asked for once more, and what they bring is published:
    journeys run --source SOURCE --from 2024-05-01 --to 2024-05-03
    """
    days = _days(first, last)
    if days and not only:
        raise typer.BadParameter("say which source: journeys run --source SOURCE --from DAY --to DAY.")
    from pipelines.run import run

    with speaking(as_json) as say:
        outcome = run(Workspace(workspace), say, overrides(set_), _utc(as_of), full, only or (), days)
    show_outcome(outcome, as_json)


@app.command()
def land(
    sources: Sources = None,
    workspace: Where = HERE,
    set_: Set = None,
    first: From = None,
    last: To = None,
    again: Annotated[
        bool, typer.Option("--again", help="Land all of these sources anew, in place of what has landed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch what is new and land it; build nothing."""
    days = _days(first, last)
    if again and days:
        raise typer.BadParameter("--from DAY and --to DAY go without --again.")
    if (again or days) and not sources:
        raise typer.BadParameter("say which sources: journeys land SOURCE ...")
    from pipelines.run import land_again_only, land_only

    with speaking(as_json) as say:
        if again:
            landed = land_again_only(Workspace(workspace), say, overrides(set_), sources or ())
        else:
            landed = land_only(Workspace(workspace), say, overrides(set_), sources or (), days)
    show_landed(landed, as_json)


@app.command("replay")
def replay_command(sources: Sources = None, workspace: Where = HERE, set_: Set = None, as_json: Json = False) -> None:
    """Land the quarantined records that a mended mapping or connector understands; build nothing."""
    from pipelines.run import replay_only

    with speaking(as_json) as say:
        landed = replay_only(Workspace(workspace), say, overrides(set_), sources or ())
    show_landed(landed, as_json)


@app.command("expire")
def expire_command(
    workspace: Where = HERE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Remove what is older than `retention` in journey.yaml keeps; `run` and `land` do so too. Build nothing."""
    from pipelines.run import expire_only

    with speaking(as_json) as say:
        expired = expire_only(Workspace(workspace), say, overrides(set_), dry_run)
    show_expired(expired, dry_run, as_json)


@app.command()
def build(
    workspace: Where = HERE, set_: Set = None, as_of: AsOf = None, full: Full = False, as_json: Json = False
) -> None:
    """Build and audit every table from what has landed; publish nothing."""
    from pipelines.run import build_only

    with speaking(as_json) as say:
        folder = build_only(Workspace(workspace), say, overrides(set_), _utc(as_of), full)
    print_json({"folder": str(folder)}) if as_json else tell(
        f"Built and audited in {folder}; `journeys publish` shows it to readers."
    )


@app.command()
def publish(workspace: Where = HERE, set_: Set = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Publish what has landed, building it first if need be."""
    from pipelines.run import publish_only

    with speaking(as_json) as say:
        outcome = publish_only(Workspace(workspace), say, overrides(set_), _utc(as_of))
    show_outcome(outcome, as_json)


@app.command()
def check(workspace: Where = HERE, set_: Set = None, as_json: Json = False) -> None:
    """Check journey.yaml, and its columns against the first file of each source.

    It also shows touchpoints that are idle and, of published events, rules that overlap and events that none matches.
    """
    from pipelines import inspection

    report = inspection.check(Workspace(workspace), overrides(set_))
    if as_json:
        print_json(report)
        return
    tell(
        f"{report['definition']} is right: "
        + ", ".join(
            counted(n, "KPI" if what == "kpis" else what.removesuffix("s")) for what, n in report["counts"].items()
        )
        + "."
    )
    for line in report["remarks"]:
        tell(f"  {line}")


@app.command()
def status(workspace: Where = HERE, as_json: Json = False) -> None:
    """Say what has landed, what is published, and whether they agree."""
    from pipelines import inspection

    report = inspection.status(Workspace(workspace))
    if as_json:
        print_json(report)
        return
    for name, value in report.items():
        tell(f"{name.replace('_', ' ')}: {value if not isinstance(value, list) else ''}".rstrip())
        for line in value if isinstance(value, list) else ():
            tell(f"  {line}")


@app.command()
def verify(
    workspace: Where = HERE,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also build everything anew and compare all tables and pages.")
    ] = False,
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Check every promise on what has landed and what is published; stop at the first that does not hold."""
    from pipelines.verify import verify

    try:
        with speaking(as_json) as say:
            found = verify(Workspace(workspace), say, deep, overrides(set_))
    except Violated as violated:
        if as_json:
            print_json({"holds": False, "check": violated.check, "violation": violated.sentence})
        raise
    if as_json:
        print_json({"holds": True, "build_id": found.build_id, "checks": [*found.checks]})
        return
    tell(f"Build {found.build_id} holds what it promises: {', '.join(found.checks)}.")


@app.command()
def show(
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="An event_id of the table events.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="SOURCE", help="Whose event, where several have this id.")
    ] = None,
    workspace: Where = HERE,
) -> None:
    """Show one event as it landed, with its properties, file and line."""
    from pipelines import inspection

    print_json(inspection.show(Workspace(workspace), event_id, source))


@app.command()
def demo(
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", metavar="DIR", file_okay=False, help="Where the demo lives.")
    ] = Path("demo"),
    events: Annotated[
        int, typer.Option(min=1_000, max=10_000_000, metavar="N", help="How many web events to invent.")
    ] = 60_000,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed is another shop.")] = 7,
    as_json: Json = False,
) -> None:
    """Invent an online shop behind real APIs, plant defects in it, and run the whole job on it."""
    from pipelines.demo.tour import demo

    with speaking(as_json) as say:
        outcome = demo(Workspace(workspace), events, seed, say)
    show_outcome(outcome, as_json)


@app.command()
def init(workspace: Where = HERE) -> None:
    """Make a workspace: a journey.yaml to start from, and a key for e-mail addresses and phone numbers."""
    from pipelines import start

    for line in start.init(Workspace(workspace)):
        tell(line)


@key_app.command("rotate")
def rotate_key(workspace: Where = HERE) -> None:
    """Hash with a new key from now on; the old ones are kept for what has landed under them."""
    from pipelines import start

    for line in start.rotate(Workspace(workspace)):
        tell(line)


def _days(first: datetime | None, last: datetime | None) -> tuple[date, date] | None:
    """Read a range of days, which has two ends."""
    if (first is None) != (last is None):
        raise typer.BadParameter("--from DAY and --to DAY go together.")
    if first is None or last is None:
        return None
    if first > last:
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}; name the earlier day first.")
    return first.date(), last.date()


def _utc(instant: datetime | None) -> datetime | None:
    """Take an instant that says no zone for one in UTC."""
    return instant and (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


if __name__ == "__main__":
    main()
