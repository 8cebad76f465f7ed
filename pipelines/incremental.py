"""A night's build: begin from the published tables, find what new deliveries touch, rebuild that, and leave the rest.

The same SELECTs build the whole and the part. A part has schemas in `scratch`, in which the names of the models'
inputs mean what the night touches, and which are looked in first:

    by_stream    events of touched streams, from the start of a run on
    by_device    visits of touched streams
    by_person    what touched people did, from the start of a session on
    by_journey   steps of touched subjects, from the start of a journey on
    by_outcome   journeys of which something else may have become
    by_unit      units of KPIs of touched people and journeys

Touched is what new events, or events that a new version of their record takes away, change: their streams; the people
whose visits changed hands, before and after; the journeys that those people or events are part of.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.durable import failpoint
from connectors.engine import connect, run
from connectors.manifest import Entry
from pipelines import deliveries, models, sums
from pipelines.definition import Definition
from pipelines.refreshed import REFRESH, refresh_unit
from pipelines.say import Say
from pipelines.tables import local_days
from pipelines.touched import PARTS
from pipelines.warehouse import create, make_model

STEPS_OF_EVENTS = ("events", "visit_pairs", "identifiers", "suspended_links")
"""Where one of these is computed otherwise than before, everything is built anew."""


@dataclass(frozen=True)
class Start:
    """From where a night's build begins: which deliveries are new, which models are computed otherwise than before, and
    whether so many deleted rows lie in the file that it is time to fill their places."""

    new: frozenset[deliveries.Delivery]
    changed: frozenset[str]
    is_full_of_holes: bool


HOLES = """
SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM journey_steps) < 0.8 * sum(estimated_size)
FROM duckdb_tables()
WHERE schema_name = 'main' AND table_name IN ('events', 'journey_steps')
"""
"""Whether a fifth of the rows in the file are deleted ones: filling holes every night takes a tenth of its time."""


def start(previous: Path, entries: tuple[Entry, ...], prints: dict[str, str]) -> Start | None:
    """Tell from where a build may begin; None when it must begin from the landed files.

    That is so when the published build holds a delivery that is no more (landed again, expired, erased), or when what
    makes events is computed otherwise than before.
    """
    known = frozenset(deliveries.read_deliveries(previous))
    given = frozenset(deliveries.delivery(entry) for entry in entries)
    con = connect(previous, allowed=[previous.parent], read_only=True)
    try:
        before = dict(run(con, "SELECT model, fingerprint FROM work.fingerprints"))
        is_full_of_holes = bool(run(con, HOLES)[0][0])
        is_empty = not run(con, "SELECT 1 FROM events LIMIT 1")
    except duckdb.CatalogException:
        return None
    finally:
        con.close()
    changed = frozenset(name for name, fingerprint in prints.items() if before.get(name) != fingerprint)
    if is_empty or before.keys() - prints.keys():  # of a model that is no more the table would stay
        return None
    if not known or known - given or changed & upstream(STEPS_OF_EVENTS):
        return None
    return Start(given - known, changed, is_full_of_holes)


def upstream(names: tuple[str, ...]) -> set[str]:
    """Name models and all that they rest on."""
    known, found, todo = models.models(), set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += known[name].reads if name in known else models.STEPS.get(name, ())
    return found


DONE = upstream(STEPS_OF_EVENTS) | {"visit_sessions"}
"""What the first parts of a night bring up to date."""
TOUCHED = ("by_person", "by_journey", "by_unit")
"""Where what a night has touched is found, for the checks."""


def build(
    con: duckdb.DuckDBPyConnection,
    landing: Path,
    definition: Definition,
    entries: tuple[Entry, ...],
    begun: Start,
    say: Say,
) -> None:
    """Bring every table of a copy of the published file up to the given deliveries."""
    new = [entry for entry in entries if deliveries.delivery(entry) in begun.new]
    for schema in ("by_stream", "by_device", "by_person", "by_journey", "by_outcome", "by_unit"):
        run(con, f"CREATE SCHEMA scratch.{schema}")
    deliveries.view_landed(con, landing, new, definition)
    first, last = run(
        con,
        "SELECT min(occurred_at), max(occurred_at) FROM (SELECT occurred_at FROM events UNION ALL SELECT occurred_at FROM landed_events)",
    )[0]
    create(con, "scratch.main.local_days", local_days(first, last, definition.zone))
    for table, part in PARTS.items():
        say(f"touch {part.__name__.strip('_')}")
        part(con)
        failpoint(f"D:{table}")
    anew = _anew({*begun.changed})
    adds_up = "periods" not in begun.changed  # All sums rest on periods, and are made anew with them.
    for name in models.build_order(models.models()):
        model = models.models().get(name)
        if model is None or name in DONE:
            continue
        say(f"{'rebuild' if name in anew else 'build'} {name}")
        if name in anew or model.partition == "none":
            make_model(con, name)
        elif model.partition == "unit":
            refresh_unit(con, model, anew)
        elif model.partition != "cluster":
            REFRESH[model.partition](con, model)
        if name == "periods" and adds_up:
            sums.begin(con)
        if model.partition == "cluster" and adds_up and name not in begun.changed:
            sums.make_parts(con, name)
        failpoint(f"D:{name}")


def _anew(changed: set[str]) -> set[str]:
    """Name the models to be built whole: those computed otherwise than before, and what of their inputs is not kept."""
    known = models.models()
    found, todo = set(), [name for name in changed if name in known and name not in DONE]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [
                table
                for table in known[name].reads
                if table in known and table not in DONE and known[table].schema == "scratch.main"
            ]
    return found
