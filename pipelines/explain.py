"""Explain a person: which links made them one, on which events, what was suspended, and how to undo a link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from connectors.engine import connect, run
from connectors.keys import keyring
from pipelines.pages import counted
from pipelines.people import Person, find
from pipelines.workspace import Workspace, published


@dataclass(frozen=True)
class Link:
    """Two identifiers that were seen together on `n_events`, for the first time on `first_event_id`."""

    left: str
    right: str
    n_events: int
    first_event_id: str | None
    occurred_at: datetime | None
    event_name: str | None


@dataclass(frozen=True)
class Explanation:
    """What made a person, what did not, and what changed from build to build."""

    person: Person
    links: tuple[Link, ...]
    suspended: tuple[dict[str, Any], ...]
    changes: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "person_id": self.person.person_id,
            "identifiers": list(self.person.identifiers),
            "links": [vars(link) for link in self.links],
            "suspended_links": list(self.suspended),
            "person_changes": list(self.changes),
        }


def explain(workspace: Workspace, name: str) -> Explanation:
    """Read what made the person called `name`; raises JourneysError when nobody is called so."""
    folder = published(workspace)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        person = find(con, name, keyring(workspace.key))
        params = {"identifiers": [*person.identifiers]}
        links = tuple(Link(*row) for row in run(con, LINKS, params))
        suspended = _rows(con, SUSPENDED, params)
        changes = _rows(con, CHANGES, {"id": person.person_id})
    finally:
        con.close()
    return Explanation(person, links, suspended, changes)


LINKS = """
SELECT links.left_identifier, links.right_identifier, links.n_events, links.first_event_id, events.occurred_at, events.event_name
FROM work.identity_links AS links
ANTI JOIN suspended_links USING (left_identifier, right_identifier)
LEFT JOIN events ON links.first_event_id = events.event_id
WHERE links.left_identifier IN (SELECT unnest($identifiers)) AND links.right_identifier IN (SELECT unnest($identifiers))
ORDER BY links.left_identifier, links.right_identifier
"""
SUSPENDED = """
SELECT *
FROM suspended_links
WHERE left_identifier IN (SELECT unnest($identifiers)) OR right_identifier IN (SELECT unnest($identifiers))
ORDER BY ALL
"""
CHANGES = "SELECT * FROM person_changes WHERE old_person_id = $id OR new_person_id = $id ORDER BY ALL"


def _rows(con: duckdb.DuckDBPyConnection, sql: str, params: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    found = con.sql(sql, params=params)
    columns = found.columns
    return tuple(dict(zip(columns, row, strict=True)) for row in found.fetchall())


def lines(explanation: Explanation) -> list[str]:
    """Say an explanation in lines: the person, what each identifier is linked to, what was suspended, what changed."""
    person = explanation.person
    said = [
        f"Person {person.person_id}: {counted(len(person.identifiers), 'identifier')}, {counted(len(explanation.links), 'link')}."
    ]
    linked = {name for link in explanation.links for name in (link.left, link.right)}
    said += [f"  {name}" for name in person.identifiers if name not in linked]
    for left in sorted({link.left for link in explanation.links}):
        said.append(f"  {left}")
        said += [f"    +-- {_said(link)}" for link in explanation.links if link.left == left]
    if explanation.suspended:
        said.append("Suspended, so that they link nobody:")
        said += [
            f"  {row['left_identifier']} - {row['right_identifier']}: {REASONS.get(row['reason'], row['reason'])}, "
            f"on {counted(row['n_events'], 'event')}"
            for row in explanation.suspended
        ]
    if explanation.changes:
        said.append("Changes from build to build:")
        said += [
            f"  {row['build_id']}: {row['identifier']} {row['change']}, from {row['old_person_id']} to {row['new_person_id']}"
            for row in explanation.changes
        ]
    if explanation.links:
        link = explanation.links[0]
        said.append("To undo a link, say so in journey.yaml and run again:")
        said.append(f'  identity: {{unlink: [["{link.left}", "{link.right}"]]}}')
    return said


REASONS = {
    "key_over_cap": "one of them was seen with more others than identity.caps allows",
    "person_over_cap": "the person would have held more identifiers than identity.caps.person allows",
    "blocked": "one of them is on the block list",
    "unlinked": "identity.unlink says so",
}


def _said(link: Link) -> str:
    example = (
        f", first {link.event_name} at {link.occurred_at} (event {link.first_event_id})" if link.event_name else ""
    )
    return f"{link.right}  on {counted(link.n_events, 'event')}{example}"
