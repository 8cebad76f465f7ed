"""What is known of one person, and why it is one person."""

import json
import stat
from pathlib import Path

import pytest

from pipelines.errors import JourneysError
from pipelines.explain import explain, lines
from pipelines.export import export
from pipelines.inspection import show
from pipelines.run import run
from pipelines.workspace import Workspace
from tests.commands import journeys
from tests.functional.small_shop import ANNS, DEFINITION, HEADER, OTHERS, ask, quiet, shop


def test_an_export_holds_all_rows_of_a_person_and_nobody_elses(published_shop: Workspace) -> None:
    found = export(published_shop, "ann@example.org")
    assert len(found["tables"]["events"]) == 6
    assert {row["person_id"] for rows in found["tables"].values() for row in rows if "person_id" in row} == {
        found["person_id"]
    }
    assert {"events", "people", "sessions", "journeys", "kpi_units", "journey_outcomes"} <= {*found["tables"]}
    assert len(found["landed_events"]) == 6
    assert any("canary-search" in row.get("properties", "") for row in found["landed_events"])
    # Bob used the same device; nothing he did on it is here, nor his record that could not be read.
    assert "bob-88" not in json.dumps(found, default=str)
    assert found["remarks"][0] == (
        "The device dev-shared was used by 1 other person too; what they did on it is not here."
    )


def test_an_export_holds_their_records_that_could_not_be_read(published_shop: Workspace) -> None:
    """One by her user id, one by her address alone, in capitals; the third is Bob's."""
    found = export(published_shop, "ann@example.org")
    unreadable = [line for line in ANNS.splitlines() if line.startswith("never")]
    assert [row["raw"] for row in found["quarantined_records"]] == unreadable
    assert {(row["source"], row["reason"]) for row in found["quarantined_records"]} == {("web", "bad_time")}
    assert "look whether they name others" in found["remarks"][-1]
    bobs = export(published_shop, "bob-88")["quarantined_records"]
    assert [row["raw"] for row in bobs] == [line for line in OTHERS.splitlines() if line.startswith("never")]


def test_an_export_of_somebody_without_any_has_no_remark(published_shop: Workspace) -> None:
    found = export(published_shop, "cem-99")
    assert (found["quarantined_records"], found["remarks"], "person_changes" in found["tables"]) == ([], [], False)


def test_an_export_goes_to_a_file_for_its_owner_only(published_shop: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "ann.json"
    said = journeys("export", "person", "ann-77", "--out", str(out), "--workspace", str(published_shop.root))
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


CAPPED = """
identity:
  caps: {email: 1}
  unlink: [["user:shop:ann-77", "email:bob@example.org"]]
touchpoints:
"""
FIRST_NIGHT = """2024-05-01T07:00:00Z,,dev-tv,page_view,/home,,,
2024-05-01T08:00:00Z,,dev-ann,page_view,/home,,,
2024-05-02T09:00:00Z,ann-77,dev-ann,page_view,/home,ann@example.org,,
2024-05-02T09:10:00Z,ann-77,dev-ann,purchase,/done,ann@example.org,ord-9,
2024-05-02T09:15:00Z,null,dev-ann,page_view,/home,,,
2024-05-02T09:16:00Z,ann-77,dev-ann,page_view,/home,family@example.org,,
2024-05-02T09:17:00Z,ann-77,dev-ann,page_view,/home,bob@example.org,,
2024-05-03T09:00:00Z,cem-99,dev-cem,page_view,/home,family@example.org,,
2024-05-03T10:00:00Z,bob-88,dev-bob,page_view,/home,bob@example.org,,
"""
SECOND_NIGHT = "2024-05-02T20:00:00Z,,dev-tv,page_view,/order,,ord-9,\n"


@pytest.fixture(scope="module")
def capped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Ann looked around before she logged in, shares an address with Cem, typed Bob's once, and follows her order on the television."""
    workspace = shop(tmp_path_factory.mktemp("capped"), FIRST_NIGHT, "")
    workspace.definition.write_text(DEFINITION.replace("touchpoints:\n", CAPPED.lstrip("\n"), 1))
    run(workspace, quiet)
    (workspace.root / "web" / "two.csv").write_text(HEADER + SECOND_NIGHT)
    run(workspace, quiet)
    return workspace


def test_a_person_is_explained_by_the_links_that_made_them(capped: Workspace) -> None:
    found = explain(capped, "ann-77")
    [address] = [name for name in found.person.identifiers if name.startswith("email:")]
    assert found.person.identifiers == ("device:web:dev-tv", address, "order:shop:ord-9", "user:shop:ann-77")
    assert [(link.left, link.right, link.n_events, str(link.occurred_at)) for link in found.links] == [
        ("device:web:dev-tv", "order:shop:ord-9", 1, "2024-05-02 20:00:00"),
        (address, "user:shop:ann-77", 2, "2024-05-02 09:00:00"),
        ("order:shop:ord-9", "user:shop:ann-77", 1, "2024-05-02 09:10:00"),
    ]
    said = lines(found)
    assert said[0] == f"Person {found.person.person_id}: 4 identifiers, 3 links."
    assert any("user:shop:ann-77  on 2 events, first page_view at 2024-05-02 09:00:00" in line for line in said)
    assert said[-1] == '  identity: {unlink: [["device:web:dev-tv", "order:shop:ord-9"]]}'


def test_a_person_is_explained_by_what_links_nobody(capped: Workspace) -> None:
    """An address of two people over a cap of one, an address that the definition keeps apart, and a user called null."""
    found = explain(capped, "ann-77")
    assert {(row["right_identifier"], row["reason"], row["n_events"]) for row in found.suspended} == {
        ("user:shop:ann-77", "key_over_cap", 1),
        ("user:shop:ann-77", "unlinked", 1),
    }
    assert found.blocked == ({"identifier": "user:shop:null", "n_events": 1},)
    assert found.attributed == ({"device": "device:web:dev-ann", "login": "user:shop:ann-77", "n_visits": 1},)
    said = lines(found)
    assert any(line.endswith("more others than identity.caps allows, on 1 event") for line in said)
    assert any(line.endswith("user:shop:ann-77: identity.unlink says so, on 1 event") for line in said)
    assert "  user:shop:null  on 1 event" in said
    assert "  device:web:dev-ann  1 visit before user:shop:ann-77" in said
    # Of Cem the address is suspended too; neither null nor a visit without a login is theirs.
    cem = explain(capped, "cem-99")
    assert [row["reason"] for row in cem.suspended] == ["key_over_cap"]
    assert (cem.blocked, cem.attributed) == ((), ())


def test_a_person_is_explained_by_what_changed_from_night_to_night(capped: Workspace) -> None:
    """The television was somebody of its own until it opened Ann's order."""
    found = explain(capped, "ann-77")
    assert {(row["change"], row["identifier"][:5]) for row in found.changes} == {
        ("merged", "email"),
        ("merged", "user:"),
    }
    [build_id] = {row["build_id"] for row in found.changes}
    assert any(line.startswith(f"  {build_id}: user:shop:ann-77 merged, from ") for line in lines(found))


BY_PHONE = DEFINITION.replace("email: email,", "phone: email,")
ONE_PHONE = (
    "2024-05-02T09:00:00Z,ann-77,dev-ann,page_view,/home,{ann},,\n"
    "2024-05-03T10:00:00Z,bob-88,dev-bob,page_view,/home,+49 30 123456,,\n"
)
WHO_IS_WHO = "SELECT person_id, session_id, started_at, n_events FROM sessions ORDER BY ALL"


def test_a_link_by_phone_is_undone_by_the_line_that_explain_prints(tmp_path: Path) -> None:
    """Of Ann and Bob, who gave one number, Ann's is taken back: as if she had never given it."""
    linked = shop(tmp_path / "linked", ONE_PHONE.format(ann="+49 (30) 123 456"), "")
    never = shop(tmp_path / "never", ONE_PHONE.format(ann=""), "")
    never.key.write_bytes(linked.key.read_bytes())
    for workspace in (linked, never):
        workspace.definition.write_text(BY_PHONE)
        run(workspace, quiet)
    assert ask(linked, "SELECT count(*) FROM people") == [(1,)]
    line = lines(explain(linked, "ann-77"))[-1]
    assert "ann-77" in line
    linked.definition.write_text(f"{line.strip()}\n{BY_PHONE}")
    run(linked, quiet)
    assert ask(linked, "SELECT count(*) FROM people") == [(2,)]
    assert ask(linked, WHO_IS_WHO) == ask(never, WHO_IS_WHO)


def test_a_phone_is_blocked_by_what_the_table_identifiers_calls_it(tmp_path: Path) -> None:
    workspace = shop(tmp_path / "shop", ONE_PHONE.format(ann="+49 (30) 123 456"), "")
    workspace.definition.write_text(BY_PHONE)
    run(workspace, quiet)
    [(phone,)] = ask(workspace, "SELECT identifier FROM identifiers WHERE kind = 'phone'")
    workspace.definition.write_text(f'identity: {{block: ["{phone}"]}}\n{BY_PHONE}')
    run(workspace, quiet)
    assert ask(workspace, "SELECT count(*) FROM people") == [(2,)]


def test_an_export_tells_whom_they_were_before(capped: Workspace) -> None:
    found = export(capped, "ann-77")
    assert {(row["change"], row["identifier"][:5]) for row in found["tables"]["person_changes"]} == {
        ("merged", "email"),
        ("merged", "user:"),
    }
    assert {row["new_person_id"] for row in found["tables"]["person_changes"]} == {found["person_id"]}


def test_an_explanation_says_the_same_to_a_program(capped: Workspace) -> None:
    said = journeys("explain", "person", "ann-77", "--json", "--workspace", str(capped.root))
    assert json.loads(said.stdout)["blocked_identifiers"] == [{"identifier": "user:shop:null", "n_events": 1}]
    assert [row["n_visits"] for row in json.loads(said.stdout)["attributed_visits"]] == [1]


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
