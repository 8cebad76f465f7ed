"""Explain a person: which links made them one, on which events, what was suspended or blocked, and how to undo a link."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from connectors.engine import connect, run
from connectors.keys import keyring
from pipelines.people import Person, find
from pipelines.wording import counted
from pipelines.workspace import Workspace, published


@dataclass(frozen=True)
class Link:
    """Two identifiers that were seen together on `n_events`, the first of which is told."""

    left: str
    right: str
    n_events: int
    source: str | None
    event_id: str | None
    event_name: str | None
    occurred_at: datetime | None


@dataclass(frozen=True)
class Explanation:
    """What made a person, what did not, and what changed from build to build."""

    person: Person
    links: tuple[Link, ...]
    suspended: tuple[dict[str, Any], ...]
    blocked: tuple[dict[str, Any], ...]
    attributed: tuple[dict[str, Any], ...]
    changes: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "person_id": self.person.person_id,
            "identifiers": list(self.person.identifiers),
            "links": [vars(link) for link in self.links],
            "suspended_links": list(self.suspended),
            "blocked_identifiers": list(self.blocked),
            "attributed_visits": list(self.attributed),
            "person_changes": list(self.changes),
        }


def explain(workspace: Workspace, name: str) -> Explanation:
    """Read what made the person called `name`; raises JourneysError when nobody is called so."""
    folder = published(workspace)
    con = connect(folder / "journeys.duckdb", allowed=[folder], read_only=True)
    try:
        person = find(con, name, keyring(workspace.key))
        links = tuple(Link(*row) for row in run(con, LINKS, {"id": person.person_id}))
        suspended = _rows(con, SUSPENDED, {"identifiers": [*person.identifiers]})
        blocked, attributed, changes = (
            _rows(con, sql, {"id": person.person_id}) for sql in (BLOCKED, ATTRIBUTED, CHANGES)
        )
    finally:
        con.close()
    return Explanation(person, links, suspended, blocked, attributed, changes)


LINKS = """
WITH theirs AS (
    SELECT events.source, event_id, event_name, occurred_at, source_rank, sequence, owner,
        'user:' || user_namespace || ':' || user_id AS user_identifier, 'email:' || email_key AS email_identifier,
        'phone:' || phone_key AS phone_identifier, 'order:' || order_namespace || ':' || order_id AS order_identifier,
        'ticket:' || ticket_namespace || ':' || ticket_id AS ticket_identifier
    FROM events
    JOIN (SELECT * EXCLUDE (source_rank) FROM sources) AS sources USING (source)
    LEFT JOIN work.visit_owners USING (visit_no)
    WHERE person_id = $id
),
seen AS (
    SELECT * EXCLUDE (pairs), unnest(pairs) AS pair
    FROM (SELECT *, [
            [email_identifier, user_identifier], [phone_identifier, user_identifier], [email_identifier, phone_identifier],
            [owner, order_identifier], [owner, ticket_identifier]] AS pairs
        FROM theirs)
),
firsts AS (
    SELECT least(pair[1], pair[2]) AS left_identifier, greatest(pair[1], pair[2]) AS right_identifier, source, event_id,
        event_name, occurred_at
    FROM seen
    WHERE pair[1] <> pair[2]
    QUALIFY row_number() OVER (
        PARTITION BY left_identifier, right_identifier ORDER BY occurred_at, source_rank, sequence, event_id) = 1
)
SELECT links.left_identifier, links.right_identifier, links.n_events, source, event_id, event_name, occurred_at
FROM work.identity_links AS links
ANTI JOIN suspended_links USING (left_identifier, right_identifier)
JOIN identifiers AS mine ON links.left_identifier = mine.identifier AND mine.person_id = $id
LEFT JOIN firsts USING (left_identifier, right_identifier)
ORDER BY links.left_identifier, links.right_identifier
"""
"""Seen together as the models visit_pairs and identity_links say: on one event, or, an order or a ticket, in a visit of
whom it belongs to."""
SUSPENDED = """
SELECT *
FROM suspended_links
WHERE left_identifier IN (SELECT unnest($identifiers)) OR right_identifier IN (SELECT unnest($identifiers))
ORDER BY ALL
"""
BLOCKED = """
WITH carried AS (
    SELECT unnest([
        'user:' || user_namespace || ':' || user_id, 'device:' || device_namespace || ':' || device_id,
        'order:' || order_namespace || ':' || order_id, 'ticket:' || ticket_namespace || ':' || ticket_id,
        'account:' || account_namespace || ':' || account_id, 'email:' || email_key, 'phone:' || phone_key]) AS identifier
    FROM events
    JOIN (SELECT * EXCLUDE (source_rank) FROM sources) AS sources USING (source)
    WHERE person_id = $id
)
SELECT carried.identifier, count(*) AS n_events
FROM carried
JOIN suspended_links AS suspended ON carried.identifier = suspended.left_identifier AND suspended.reason = 'blocked'
GROUP BY carried.identifier
ORDER BY carried.identifier
"""
ATTRIBUTED = """
SELECT stream_space || stream AS device, owners.owner AS login, count(*) AS n_visits
FROM work.visits
JOIN work.visit_owners AS owners USING (visit_no)
JOIN identifiers ON owners.owner = identifiers.identifier AND identifiers.person_id = $id
WHERE visits.login IS NULL AND owners.owner <> stream_space || stream
GROUP BY ALL
ORDER BY ALL
"""
"""Anonymous visits that are theirs because somebody logged in later on the same device."""
CHANGES = "SELECT * FROM person_changes WHERE old_person_id = $id OR new_person_id = $id ORDER BY ALL"


def _rows(con: duckdb.DuckDBPyConnection, sql: str, params: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    found = con.sql(sql, params=params)
    columns = found.columns
    return tuple(dict(zip(columns, row, strict=True)) for row in found.fetchall())


def lines(explanation: Explanation) -> list[str]:
    """Say an explanation in lines: the person, what each identifier is linked to, what was suspended or blocked, what changed."""
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
    if explanation.blocked:
        said.append("Blocked, so that they count as absent:")
        said += [f"  {row['identifier']}  on {counted(row['n_events'], 'event')}" for row in explanation.blocked]
    if explanation.attributed:
        said.append(
            "Visits without a login, taken for those of whom the device logged in next (identity.attribute_back):"
        )
        said += [
            f"  {row['device']}  {counted(row['n_visits'], 'visit')} before {row['login']}"
            for row in explanation.attributed
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
    "unlinked": "identity.unlink says so",
}


def _said(link: Link) -> str:
    example = (
        f", first {link.event_name} at {link.occurred_at} ({link.source} {link.event_id})" if link.event_id else ""
    )
    return f"{link.right}  on {counted(link.n_events, 'event')}{example}"
