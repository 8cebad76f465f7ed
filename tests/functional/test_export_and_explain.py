"""What is known of one person, and why it is one person."""

import json
import stat
from pathlib import Path

import pytest

from connectors.engine import connect
from connectors.engine import run as query
from pipelines.errors import JourneysError
from pipelines.explain import explain, lines
from pipelines.export import export
from pipelines.inspection import show
from pipelines.run import run
from pipelines.workspace import Workspace
from tests.functional.small_shop import ANNS, DEFINITION, OTHERS, journeys, quiet, shop

LINKS = """
CREATE SCHEMA IF NOT EXISTS work;
CREATE OR REPLACE TABLE work.identity_links AS
SELECT identifier AS left_identifier, 'user:shop:ann-77' AS right_identifier, 2 AS n_events
FROM identifiers WHERE starts_with(identifier, 'email:') AND person_id IN (SELECT person_id FROM events WHERE user_id = 'ann-77');
CREATE OR REPLACE TABLE suspended_links AS
SELECT 'phone:1' AS left_identifier, 'user:shop:ann-77' AS right_identifier, 'key_over_cap' AS reason, 4 AS n_events;
CREATE OR REPLACE TABLE person_changes AS
SELECT 'b1' AS build_id, 'merged' AS change, 'user:shop:ann-77' AS identifier, 'old' AS old_person_id, person_id AS new_person_id
FROM events WHERE user_id = 'ann-77' LIMIT 1;
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = shop(tmp_path_factory.mktemp("shop"))
    run(workspace, quiet)
    return workspace


def test_an_export_holds_all_rows_of_a_person_and_nobody_elses(workspace: Workspace) -> None:
    found = export(workspace, "ann@example.org")
    assert len(found["tables"]["events"]) == 6
    assert {row["person_id"] for rows in found["tables"].values() for row in rows if "person_id" in row} == {
        found["person_id"]
    }
    assert {"events", "people", "sessions", "journeys", "kpi_units", "journey_outcomes"} <= {*found["tables"]}
    assert len(found["landed_events"]) == 6
    assert any("canary-search" in row.get("properties", "") for row in found["landed_events"])
    # Bob used the same device; nothing he did on it is here.
    assert "bob-88" not in json.dumps(found, default=str)
    assert found["remarks"] == [
        "The device dev-shared was used by 1 other person too; what they did on it is not here."
    ]


def test_an_export_goes_to_a_file_for_its_owner_only(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "ann.json"
    said = journeys("export", "person", "ann-77", "--out", str(out), "--workspace", str(workspace.root))
    assert said.returncode == 0, said.stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(json.loads(out.read_text())["landed_events"]) == 6


def test_two_users_of_one_address_are_not_handed_out_unless_told(tmp_path: Path) -> None:
    both = "2024-05-02T09:00:00Z,bob-88,dev-bob,page_view,/home,ann@example.org,,\n"
    workspace = shop(tmp_path / "shop", ANNS + both + OTHERS)
    run(workspace, quiet)
    with pytest.raises(JourneysError, match=r"2 user ids.*explain person.*--yes to export"):
        export(workspace, "ann-77")
    # Six of Ann's, and Bob's three visits, his order, and the one under her address.
    assert len(export(workspace, "ann-77", is_told=True)["tables"]["events"]) == 6 + 5


def test_a_person_is_explained_by_links_suspensions_and_changes(tmp_path: Path) -> None:
    workspace = shop(tmp_path / "shop")
    run(workspace, quiet)
    folder = workspace.current.resolve()
    con = connect(folder / "journeys.duckdb", allowed=[folder])
    for statement in LINKS.split(";")[:-1]:
        query(con, statement)
    con.close()
    found = explain(workspace, "ann-77")
    [link] = found.links
    assert (link.right, link.n_events, link.event_name) == ("user:shop:ann-77", 2, "page_view")
    said = "\n".join(lines(found))
    assert f"Person {found.person.person_id}" in said
    assert "user:shop:ann-77  on 2 events, first page_view at 2024-05-02 09:00:00" in said
    assert (
        "phone:1 - user:shop:ann-77: one of them was seen with more others than identity.caps allows, on 4 events"
        in said
    )
    assert "b1: user:shop:ann-77 merged, from old to" in said
    assert f'identity: {{unlink: [["{link.left}", "user:shop:ann-77"]]}}' in said


DESK = """
  desk:
    connector: files
    path: "desk/*.csv"
    event_name: event
    fields: {event_id: id, occurred_at: time, user_id: user, email: email}
  till:
    connector: files
    path: "till/*.csv"
    event_name: event
    fields: {event_id: id, occurred_at: time, user_id: user, email: email}
touchpoints:
"""


def test_events_of_one_id_in_two_sources_are_two_events(tmp_path: Path) -> None:
    """Ids 10 and 9 of the desk are Ann's, the smaller text the later one; 9 and 10 of the till are other people's."""
    workspace = shop(tmp_path / "shop")
    workspace.definition.write_text(DEFINITION.replace("touchpoints:\n", DESK.lstrip("\n"), 1))
    for source, rows in {
        "desk": "10,2024-05-02T12:00:00Z,ann,ann@example.org,opened\n9,2024-05-02T10:00:00Z,ann,ann@example.org,opened\n",
        "till": "9,2023-01-01T10:00:00Z,eve,eve@example.org,paid\n10,2023-01-01T11:00:00Z,zoe,zoe@example.org,paid\n",
    }.items():
        (workspace.root / source).mkdir()
        (workspace.root / source / "one.csv").write_text("id,time,user,email,event\n" + rows)
    run(workspace, quiet)

    theirs = export(workspace, "user:desk:ann", is_told=True)["landed_events"]
    assert {row["event_id"] for row in theirs if row["source"] == "desk"} == {"9", "10"}
    assert "till" not in {row["source"] for row in theirs}

    found = explain(workspace, "user:desk:ann")
    [link] = [link for link in found.links if link.right == "user:desk:ann"]
    assert (link.n_events, link.source, link.event_id, str(link.occurred_at)) == (2, "desk", "9", "2024-05-02 10:00:00")

    with pytest.raises(JourneysError, match=r"The sources desk, till have an event '9' each.*show 9 --source desk"):
        show(workspace, "9")
    said = journeys("show", "9", "--source", "till", "--workspace", str(workspace.root))
    assert json.loads(said.stdout)["user_id"] == "eve"
