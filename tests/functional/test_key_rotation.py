"""A new key, from `journeys key rotate` to the last source landed under it."""

from pathlib import Path

from connectors import manifest
from connectors.keys import key_id, make_key, read_key
from pipelines.inspection import status
from pipelines.run import land_again_only, run
from pipelines.start import rotate
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.functional.small_shop import ask, quiet

DEFINITION = """
name: two_systems
sources:
  web: {connector: files, path: web.csv, event_name: event, fields: {occurred_at: time, user_id: user, email: email}}
  desk: {connector: files, path: desk.csv, event_name: event, fields: {occurred_at: time, user_id: user, email: email}}
touchpoints: {visit: {event: page_view}, call: {event: call}}
journeys:
  help: {gap: 7d, window: 7d, success: talk, stages: {look: {touchpoints: [visit]}, talk: {touchpoints: [call]}}}
"""
LATER = "landed by another mapping, connector or key than today's"


def names(workspace: Workspace) -> list[set[str]]:
    """Who is there: the user ids of each person."""
    sql = "SELECT person_id, user_id FROM events"
    people: dict[str, set[str]] = {}
    for person_id, user_id in ask(workspace, sql):
        people.setdefault(person_id, set()).add(user_id)
    return sorted(people.values(), key=sorted)


def test_two_sources_meet_in_an_address_again_when_both_have_landed_under_the_new_key(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.definition.write_text(DEFINITION)
    (tmp_path / "web.csv").write_text("time,user,email,event\n2024-05-01T09:00:00Z,ann,Ann@Example.org,page_view\n")
    (tmp_path / "desk.csv").write_text("time,user,email,event\n2024-05-02T09:00:00Z,caller-7,ann@example.org,call\n")
    make_key(workspace.key)
    run(workspace, quiet)
    assert names(workspace) == [{"ann", "caller-7"}]

    rotate(workspace)
    assert status(workspace)["out_of_date"] == [f"desk: {LATER}", f"web: {LATER}"]
    run(workspace, quiet)
    assert names(workspace) == [{"ann", "caller-7"}]

    land_again_only(workspace, quiet, only=["web"])
    assert status(workspace)["out_of_date"] == [f"desk: {LATER}"]
    run(workspace, quiet)
    assert names(workspace) == [{"ann"}, {"caller-7"}]

    land_again_only(workspace, quiet, only=["desk"])
    assert "out_of_date" not in status(workspace)
    run(workspace, quiet)
    assert names(workspace) == [{"ann", "caller-7"}]
    key = read_key(workspace.key)
    assert key is not None
    assert {entry.key_id for entry in manifest.read(workspace.landing)} == {key_id(key)}


def test_what_is_blocked_in_clear_stays_blocked_under_the_keys_of_before(tmp_path: Path) -> None:
    """The till's address is on the visits of two customers; the first landed under the old key."""
    workspace = Workspace(tmp_path)
    workspace.definition.write_text(DEFINITION + 'identity: {block: ["email:till@example.org"]}\n')
    (tmp_path / "web.csv").write_text(
        "time,user,email,event\n2024-05-01T09:00:00Z,ann,till@example.org,page_view\n"
        "2024-05-01T10:00:00Z,bob,till@example.org,page_view\n"
    )
    (tmp_path / "desk.csv").write_text("time,user,email,event\n2024-05-02T09:00:00Z,caller-7,,call\n")
    make_key(workspace.key)
    run(workspace, quiet)
    assert names(workspace) == [{"ann"}, {"bob"}, {"caller-7"}]
    rotate(workspace)
    (tmp_path / "web-2.csv").write_text("time,user,email,event\n2024-05-03T09:00:00Z,cem,TILL@example.org,page_view\n")
    workspace.definition.write_text(workspace.definition.read_text().replace("path: web.csv", 'path: "web*.csv"'))
    run(workspace, quiet)
    assert names(workspace) == [{"ann"}, {"bob"}, {"caller-7"}, {"cem"}]
    verify(workspace, quiet, is_deep=True)
