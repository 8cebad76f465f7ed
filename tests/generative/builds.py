"""Builds of a workspace, and their tables as plain rows."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from connectors.engine import connect, run
from pipelines.build import Inputs, build, inputs
from pipelines.definition import Definition
from pipelines.erase import erase
from pipelines.publish import publish
from pipelines.say import Say
from pipelines.workspace import Workspace, published

Tables = dict[str, Counter[tuple[Any, ...]]]

REMEMBERS = {"main.restatements", "main.person_changes"}
"""Tables that tell what became of figures and people from build to build: a full build has no yesterday."""

LIKE_THE_REFERENCE = {
    "events": """
        SELECT events.source, event_id, occurred_at, events.person_id, started_at, events.touchpoint, events.role
        FROM events LEFT JOIN sessions ON events.session_id = sessions.session_id""",
    "sessions": "SELECT person_id, started_at, ended_at, n_events, is_over_cap FROM sessions",
    "suspended_links": """
        SELECT least(left_identifier, right_identifier), greatest(left_identifier, right_identifier), reason, n_events
        FROM suspended_links WHERE reason <> 'blocked'""",
    "journeys": """
        SELECT journeys.journey, journeys.person_id, journeys.started_at, last_step_at, n_steps, n_visits, first_stage,
            journeys.last_stage, n_successes, journeys.is_direct, outcome
        FROM journeys JOIN journey_outcomes ON journeys.journey_id = journey_outcomes.journey_id""",
    "journey_steps": """
        SELECT steps.journey, started_at, step_number, event_id, steps.person_id, stage, touchpoint
        FROM journey_steps AS steps JOIN journeys ON steps.journey_id = journeys.journey_id""",
    "stage_visits": """
        SELECT visits.journey, started_at, visit_number, stage, entered_at, left_at, visits.n_steps
        FROM stage_visits AS visits JOIN journeys ON visits.journey_id = journeys.journey_id""",
    "transitions": """
        SELECT journey, from_stage, to_stage, n_transitions, n_open
        FROM transitions WHERE persona = '(all)' AND period = 'all'""",
    "kpi_units": """
        SELECT units.kpi, person_id, entered_at, value, coalesce(matures_at <= as_of, matures_at IS NULL)
        FROM kpi_units AS units JOIN kpi_targets AS targets ON units.kpi = targets.kpi""",
}
"""What the reference model makes, read from a build."""

REMEMBERED = {
    "build": "SELECT build_id FROM build",
    "figures": "SELECT kpi, day, persona, value, n_units, is_closed FROM kpi_daily",
    "closed_on": "SELECT substr(measure, 5), closed_on FROM work.periods WHERE period = 'all' AND measure LIKE 'kpi:%'",
    "restatements": """
        SELECT build_id, kpi, day, persona, old_value, new_value, old_n_units, new_n_units FROM restatements""",
    "people": "SELECT identifier, person_id FROM identifiers WHERE person_id IS NOT NULL",
    "person_changes": "SELECT build_id, change, identifier, old_person_id, new_person_id FROM person_changes",
}
"""What tells how figures and people changed from one build to the next, and what is told of it."""

OF_DELIVERIES = {"main.build", "main.deliveries", "main.ledger"}
"""Tables that tell what was delivered, and when."""
WHEN_DELIVERED = {"load_seq", "file_id", "line_no", "event_no", "run_no", "visit_no"}
"""Columns that tell with which delivery an event came."""


INVARIANTS = {
    "no event counts twice": "SELECT source, event_id FROM events GROUP BY source, event_id HAVING count(*) > 1",
    "sessions hold what active events of people there are": """
        SELECT (SELECT sum(n_events) FROM sessions) AS counted, (SELECT count(session_id) FROM events) AS there
        WHERE counted <> there""",
    "sessions end after they start": "SELECT session_id FROM sessions WHERE ended_at < started_at",
    "within a session no silence is longer than the gap, between two every one is": """
        SELECT event_id
        FROM (
            SELECT event_id, occurred_at, session_id,
                lag(occurred_at) OVER of_person AS previous_at, lag(session_id) OVER of_person AS previous_session_id
            FROM events
            WHERE session_id IS NOT NULL
            WINDOW of_person AS (PARTITION BY person_id ORDER BY occurred_at, source_rank, sequence, event_id))
        CROSS JOIN settings
        WHERE session_rule = 'gap' AND previous_at IS NOT NULL
            AND (occurred_at > previous_at + to_seconds(session_gap_seconds)) <> (session_id <> previous_session_id)""",
    "an identifier is one person's": "SELECT identifier FROM identifiers GROUP BY identifier HAVING count(*) > 1",
    "nobody has more identifiers than the cap": """
        SELECT person_id
        FROM identifiers
        WHERE identifiers.kind NOT IN ('order', 'ticket')
        GROUP BY person_id
        HAVING count(*) > (SELECT most FROM identifier_caps WHERE kind = 'person')""",
}
"""What holds of every build, by the names of its claims; each SELECT returns what breaks one."""


def incremental(
    workspace: Workspace, definition: Definition, say: Say = lambda line: None, as_of: datetime | None = None
) -> Path:
    """Build on what is published, and publish that."""
    given = inputs(workspace, definition, as_of)
    publish(workspace, _built(workspace, definition, given, is_full=False, say=say), given.build_id)
    return published(workspace)


@contextmanager
def full(workspace: Workspace, definition: Definition, as_of: datetime | None = None) -> Iterator[Path]:
    """Build from the landed files alone, for a while; its events a few at a time, which incremental() makes at once."""
    given = inputs(workspace, definition, as_of)
    with patch("pipelines.event_parts.AT_ONCE", 3):
        folder = _built(workspace, definition, given, is_full=True, say=lambda line: None)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _built(workspace: Workspace, definition: Definition, given: Inputs, is_full: bool, say: Say) -> Path:
    # Comments are a third of the time of so small a build, and other tests look at them.
    with patch("pipelines.build.comment_tables"):
        return build(workspace, definition, given, say, is_full=is_full)


def erased(workspace: Workspace, definition: Definition, name: str) -> None:
    """Erase a person, whoever else they may be; pages are made elsewhere."""
    with (
        patch("pipelines.erase.load", return_value=definition),
        patch("pipelines.run.write_outputs"),
        patch("pipelines.build.comment_tables"),
    ):
        erase(workspace, name, lambda line: None, is_told=True)


COLUMNS = "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE NOT internal"


def everything(folder: Path, but: Iterable[str] = ()) -> Tables:
    """Read every table that is a pure function of what landed, readers' and the next build's, without the columns `but`."""
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        columns: dict[str, list[str]] = {}
        for table, column in run(con, COLUMNS):
            if table not in REMEMBERS and column not in but:
                columns.setdefault(table, []).append(column)
        return {table: _rows(con, f"SELECT {', '.join(own)} FROM {table}") for table, own in columns.items()}
    finally:
        con.close()


def broken(folder: Path) -> list[str]:
    """Name the invariants that a build breaks."""
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        return [name for name, sql in INVARIANTS.items() if run(con, sql)]
    finally:
        con.close()


def remembered(older: Path, newer: Path) -> None:
    """Hold what a build remembers of the one before it against the two, compared day by day and identifier by identifier."""
    old, new = ({name: _read(folder, sql) for name, sql in REMEMBERED.items()} for folder in (older, newer))
    [(build_id,)] = new["build"]
    was, now = ({tuple(row[:3]): row[3:] for row in build["figures"]} for build in (old, new))
    closed_on = dict(old["closed_on"])
    expected = set()
    for key in was.keys() | now.keys():
        kpi, day, _ = key
        old_value, old_n, is_closed = was.get(key, (None, 0, closed_on.get(kpi) is not None and day <= closed_on[kpi]))
        new_value, new_n, _ = now.get(key, (None, 0, None))
        if is_closed and (old_value, old_n) != (new_value, new_n):
            expected.add((*key, old_value, new_value, old_n, new_n))
    # Under the id of an earlier build some of the same may have been said before.
    assert Counter(new["restatements"]) - Counter(old["restatements"]) == Counter((build_id, *row) for row in expected)
    before, after = dict(old["people"]), dict(new["people"])
    both = before.keys() & after.keys()
    moved = {name for name in both if before[name] != after[name]}
    becomes = {person: {after[name] for name in both if before[name] == person} for person in before.values()}
    comes_of = {person: {before[name] for name in both if after[name] == person} for person in after.values()}
    changes = {
        (
            "split" if len(becomes[before[name]]) > 1 else "merged" if len(comes_of[after[name]]) > 1 else "renamed",
            *(name, before[name], after[name]),
        )
        for name in moved
    }
    said = Counter(new["person_changes"]) - Counter(old["person_changes"])
    assert said == Counter((build_id, *change) for change in changes)


def like_the_reference(folder: Path) -> Tables:
    """Read what the reference model makes too."""
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        return {name: _rows(con, sql) for name, sql in LIKE_THE_REFERENCE.items()}
    finally:
        con.close()


def _read(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        return run(con, sql)
    finally:
        con.close()


def _rows(con: Any, sql: str) -> Counter[tuple[Any, ...]]:
    return Counter(
        tuple(str(value) if isinstance(value, dict | list) else value for value in row) for row in run(con, sql)
    )


def assert_same(found: Tables, expected: Tables) -> None:
    """Insist that two builds, or a build and the reference, hold the same rows as often: EXCEPT ALL both ways."""
    for name in sorted(found.keys() | expected.keys()):
        ours, theirs = found.get(name, Counter()), expected.get(name, Counter())
        assert ours == theirs, f"{name}: only found {dict(ours - theirs)}, only expected {dict(theirs - ours)}"
