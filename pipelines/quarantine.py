"""Say what lies in quarantine: how much, why, which column is at fault, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from connectors.engine import connect
from connectors.errors import ConnectorError
from connectors.manifest import Entry
from connectors.mapping import Config, Time
from connectors.replay import sample
from connectors.source import Source
from connectors.unread import N_VALUES, Unread, unread
from pipelines.definition import Definition, source
from pipelines.workspace import Workspace

HINTS = {
    "time_unit": "Seconds are taken for milliseconds, or the reverse: `format: unix` is in seconds, `format: unix_ms` in milliseconds.",
    "time_in_future": "Their times lie more than a day ahead: see that day and month, and the zone, are read as they were written.",
    "time_before_2000": "Their times lie before 2000: see that the format of the times is the right one.",
    "wrong_number_of_columns": "They have more or fewer values than the header has names: see the delimiter, and that texts with it are quoted.",
    "broken_quote": 'They have a " that is never closed, or that is not doubled within a quoted text.',
    "wrong_shape": "They have an object or an array where the mapping names a value: write the path to it with dots, as in user.id.",
    "not_utf8": "The file is not UTF-8: save it as UTF-8.",
}
"""What may be wrong where no column is at fault."""


def in_quarantine(workspace: Workspace, definition: Definition, entries: Iterable[Entry]) -> list[str]:
    """Say, for each source and reason, what of these entries is in quarantine; no value that may be personal is told."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for row in entry.ledger:
            if row.status == "quarantined" and entry.quarantine and entry.source in definition.sources:
                found.setdefault((entry.source, row.reason or ""), []).append(entry)
    return [
        _sentence(workspace, definition, name, reason, its_entries) for (name, reason), its_entries in found.items()
    ]


def warn_of_quarantine(
    workspace: Workspace, definition: Definition, say: Callable[[str], None], entries: Iterable[Entry]
) -> None:
    """Say what of these entries is in quarantine, a warning each."""
    for sentence in in_quarantine(workspace, definition, entries):
        say(f"warning: {sentence}")


def _sentence(workspace: Workspace, definition: Definition, name: str, reason: str, entries: Sequence[Entry]) -> str:
    n_records = sum(
        row.n_records
        for entry in entries
        for row in entry.ledger
        if (row.status, row.reason) == ("quarantined", reason)
    )
    latest = entries[-1]
    path = workspace.landing / latest.quarantine.path if latest.quarantine else workspace.landing
    return "\n  ".join(
        [
            f"{name}: {n_records:,} {'record is' if n_records == 1 else 'records are'} in quarantine ({reason}).",
            *_advice(workspace, definition, source(definition, name, workspace.root), reason, latest),
            f"{'They lie' if len(entries) == 1 else f'They lie in {len(entries):,} files, the latest'} in {path}; to look:",
            f"""duckdb -c "SELECT line_no, raw FROM '{path}' WHERE reason = '{reason}' LIMIT 5\"""",  # noqa: S608 (a text for people; nothing runs it)
        ]
    )


def _advice(workspace: Workspace, definition: Definition, this: Source, reason: str, entry: Entry) -> Iterator[str]:
    """Say what is wrong and what to do, as far as a sample of the latest records tells."""
    here = "" if workspace.root == Path() else f" --workspace {workspace.root}"
    again = f"`journeys replay {this.name}{here}`, then `journeys run{here}`"
    is_of_a_column = reason.startswith("bad_") and reason != "bad_json"
    if not is_of_a_column or not isinstance(this.config, Config) or this.config.select:
        if reason in HINTS:
            yield HINTS[reason]
        yield f"When journey.yaml is mended: {again}. A file that is mended lands by `journeys run{here}` alone."
        return
    con = connect(allowed=[workspace.landing])
    try:
        sample(con, workspace.landing, entry, reason, N_VALUES, this.config.delimiter).create_view("records")
        found = [one for one in unread(con, this.config) if _reason(one) == reason]
    except ConnectorError as error:
        yield f"journey.yaml does not fit them: {error}"
        return
    finally:
        con.close()
    if not found:
        yield f"As journey.yaml is now they can be read: {again}."
        return
    yield from (unread_sentence(this, one, definition.zone) for one in found)
    yield f"When journey.yaml is mended: {again}."


def _reason(one: Unread) -> str:
    field = one.where[-1]
    return "bad_time" if field.endswith("_at") else f"bad_{field}"


def unread_sentence(this: Source, one: Unread, zone: str) -> str:
    """Say of a column that it cannot be read, by an example, and what to write in journey.yaml instead."""
    field = one.where[-1]
    holds = f"The column '{one.column}' holds for example \"{one.example}\""
    if not field.endswith("_at"):
        return f"{holds}, which is no {field} (a: a letter, 9: a digit)."
    spec = this.config.values[one.where] if isinstance(this.config, Config) else None
    today = spec if isinstance(spec, Time) else Time(column=one.column)
    keys = ".".join(("sources", this.name, *one.where))
    format, *others = one.formats or ("%d.%m.%Y %H:%M:%S",)
    local = next((each for each in (today.zone, zone) if each != "UTC"), "Europe/Berlin")
    in_zone = "" if format in ("iso", "unix", "unix_ms") else f", zone: {local}"
    return (
        f"{holds}, which `format: {today.format}` does not read{'' if one.formats else ' (a: a letter, 9: a digit)'}. "
        f'Write {keys}: {{column: {one.column}, format: "{format}"{in_zone}}}'
        + (f' or format: "{others[0]}"' if others else "")
        + ("" if one.formats else " with the format that the times have")
        + (" (zone: that of the clock they were written by)." if in_zone else ".")
    )
