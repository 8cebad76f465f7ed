"""journeys verify: a healthy workspace passes, and whatever is broken is found and said in a sentence."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.errors import Violated
from pipelines.run import run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.commands import journeys
from tests.faults.proof import differences
from tests.functional.small_shop import HEADER, ask, change, change_ledger, copy, landed, quiet


@pytest.fixture(scope="module")
def healthy(published_shop: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A shop that was run twice, so that it keeps two builds."""
    workspace = copy(published_shop, tmp_path_factory.mktemp("healthy") / "shop")
    with (workspace.root / "web" / "one.csv").open("a") as stream:
        stream.write("2024-06-22T10:00:00Z,dee-11,dev-dee,page_view,/,,,\n")
    run(workspace, quiet)
    return workspace


@pytest.fixture
def broken(healthy: Workspace, tmp_path: Path) -> Workspace:
    return copy(healthy, tmp_path / "shop")


def damage(path: Path, at: float = 0.5) -> None:
    """Flip one bit."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 4
    path.write_bytes(content)


def truncate(workspace: Workspace) -> None:
    path = landed(workspace)
    path.write_bytes(path.read_bytes()[:-9])


def add_stray(workspace: Workspace) -> None:
    (workspace.landing / "web" / "999999.parquet").write_bytes(landed(workspace).read_bytes())


def change_shared(workspace: Workspace, k: str) -> None:
    text = workspace.definition.read_text()
    workspace.definition.write_text(text.replace("k: 1", f"k: {k}"))


BREAKS: dict[str, tuple[Callable[[Workspace], object], str]] = {
    "a landed file is gone": (lambda it: landed(it).unlink(), r"landed files: .*parquet is in the manifest and gone"),
    "a landed file is cut off": (truncate, r"landed files: .*bytes and not the"),
    "one bit of a landed file is flipped": (lambda it: damage(landed(it)), r"landed files: .*has other bytes"),
    "one bit of a quarantine is flipped": (lambda it: damage(landed(it, "quarantine")), r"landed files: .*other bytes"),
    "a file nobody listed": (add_stray, r"landed files: .*999999.parquet is in no manifest"),
    "more in the ledger than came": (lambda it: change_ledger(it, -1), r"ledger: .* records came and the ledger tells"),
    "more in the ledger than in the file": (lambda it: change_ledger(it, 1), r"ledger: .*the file holds"),
    "another ledger is published": (
        lambda it: change(it, "UPDATE ledger SET n_records = n_records + 1"),
        r"ledger: .*the table ledger tells of",
    ),
    "one bit of a page is flipped": (
        lambda it: damage(it.current.resolve() / "reports" / "journey_map.html"),
        r"published files: .*journey_map.html has other bytes",
    ),
    "a page is gone": (
        lambda it: (it.current.resolve() / "reports" / "kpi_board.html").unlink(),
        r"published files: .*kpi_board.html is gone",
    ),
    "others may read": (lambda it: landed(it).chmod(0o644), r"modes: .*can be read by others"),
    "others may read a receipt": (
        lambda it: (it.receipts.mkdir(), (it.receipts / "x.json").touch(0o644)),
        r"modes: .*x.json can be read by others",
    ),
    "another build's database": (
        lambda it: change(it, "UPDATE build SET build_id = 'yesterday'"),
        r"one build: .*is of build yesterday",
    ),
    "an event that is gone": (
        lambda it: change(it, "DELETE FROM events WHERE event_id = (SELECT min(event_id) FROM events)"),
        r"tables: .*every landed event that no later version",
    ),
    "a table of which a check is made is gone": (
        lambda it: change(it, "DROP TABLE transitions"),
        r"tables: The check .* cannot be made: there is no table",
    ),
    "an event counted twice": (
        lambda it: change(
            it,
            "UPDATE events SET event_id = (SELECT min(event_id) FROM events WHERE source = 'web') "
            "WHERE source = 'web' AND event_id = (SELECT max(event_id) FROM events WHERE source = 'web')",
        ),
        r"tables: .*no event is counted twice",
    ),
    "a session that ends before it starts": (
        lambda it: change(it, "UPDATE sessions SET ended_at = started_at - INTERVAL 1 DAY"),
        r"tables: .*sessions__",
    ),
    "an identifier of two people": (
        lambda it: change(
            it, "INSERT INTO identifiers BY NAME SELECT * REPLACE ('x' AS person_id) FROM identifiers LIMIT 1"
        ),
        r"tables: .*an identifier belongs to one person",
    ),
    "people who count other events than there are": (
        lambda it: change(it, "UPDATE people SET n_events = n_events + 1"),
        r"tables: .*the events of all people are the events that have a person",
    ),
    "a session with a longer silence than the gap": (
        lambda it: change(it, "UPDATE settings SET session_gap_seconds = 60"),
        r"tables: .*no silence within a gap session is longer",
    ),
    "a person over the cap": (
        lambda it: change(it, "UPDATE identifier_caps SET most = 1 WHERE kind = 'person'"),
        r"tables: .*a person holds no more identifiers than the cap",
    ),
    "an identifier over the cap": (
        lambda it: change(it, "UPDATE identifier_caps SET most = 0 WHERE kind = 'email'"),
        r"tables: .*no identifier with more neighbours than the cap",
    ),
    "a person who is blocked": (
        lambda it: change(it, "INSERT INTO work.blocked_identifiers VALUES ('user', 'shop', 'ann-77')"),
        r"tables: .*no blocked identifier belongs to a person.*user:shop:ann-77",
    ),
    "a link with one who is blocked": (
        lambda it: change(
            it,
            "INSERT INTO work.blocked_identifiers VALUES ('user', 'shop', 'null'); "
            "INSERT INTO work.identity_links VALUES ('email:x', 'user:shop:null', 1)",
        ),
        r"tables: .*no blocked identifier is linked.*user:shop:null",
    ),
    "two people who are linked": (
        lambda it: change(it, "INSERT INTO work.identity_links VALUES ('user:shop:ann-77', 'user:shop:bob-88', 1)"),
        r"identity: user:shop:ann-77 and user:shop:bob-88 are linked, the link is not suspended, and they are two people",
    ),
    "one person whom no links join": (
        lambda it: change(it, "DELETE FROM work.identity_links WHERE right_identifier = 'user:shop:ann-77'"),
        r"identity: email:.* and user:shop:ann-77 are one person, and no links that hold join them",
    ),
    "one person whom a suspended link joins": (
        lambda it: change(
            it,
            "INSERT INTO suspended_links SELECT left_identifier, right_identifier, 'unlinked', n_events "
            "FROM work.identity_links WHERE right_identifier = 'user:shop:ann-77'",
        ),
        r"identity: email:.* and user:shop:ann-77 are one person, and no links that hold join them",
    ),
    "an address in clear": (
        lambda it: change(it, "UPDATE events SET page_path = '/hello/ann@example.org'"),
        r"privacy: .*e-mail address in clear",
    ),
    "a figure of a day is another": (
        lambda it: change(it, "UPDATE kpi_daily SET value = 0.99"),
        r"shared files: .*kpi_daily.parquet and the table that it is made from differ",
    ),
    "a journey that ended otherwise": (
        lambda it: change(it, "UPDATE journey_outcomes SET outcome = 'dropped' WHERE outcome = 'succeeded'"),
        r"tables: .*the totals of all time are the outcomes",
    ),
    "a stage that nobody visited": (
        lambda it: change(it, "DELETE FROM stage_dropoff"),
        r"tables: .*counts the journeys that visited a stage",
    ),
    "a change of a person who never was": (
        lambda it: change(it, "INSERT INTO person_changes SELECT build_id, 'renamed', 'x', 'a', 'b' FROM build"),
        r"history: The table person_changes tells of nobody",
    ),
    "a restatement of nothing": (
        lambda it: change(
            it,
            "INSERT INTO restatements BY NAME SELECT build_id, 'conversion_rate' AS kpi, 0.7 AS new_value FROM build",
        ),
        r"history: The table restatements tells another figure",
    ),
    "cells about few people": (lambda it: change_shared(it, "9"), r"privacy: .*fewer than 9 people"),
}


def test_a_healthy_workspace_passes_even_a_deep_look(healthy: Workspace) -> None:
    said: list[str] = []
    found = verify(healthy, said.append, is_deep=True)
    assert found.build_id == healthy.current.resolve().name
    assert "full rebuild" in found.checks
    assert said[0] == "verify landed files (1 of 12)"
    assert not (healthy.root / ".verify").exists()


def test_a_page_that_was_wrong_when_it_was_written_is_found_by_a_deep_look(broken: Workspace) -> None:
    folder = broken.current.resolve()
    page, listed = folder / "reports" / "journey_map.html", folder / "manifest.json"
    text = page.read_text()
    page.write_text(text.replace("<h1>", "<h1> ", 1))
    files = json.loads(listed.read_text())
    for file in files["files"]:
        if file["path"] == "reports/journey_map.html":
            file |= {"n_bytes": page.stat().st_size, "sha256": sha256(page.read_bytes()).hexdigest()}
    listed.write_text(json.dumps(files))
    verify(broken, quiet)
    with pytest.raises(Violated, match=r"full rebuild: .*journey_map.html is not what comes of its tables"):
        verify(broken, quiet, is_deep=True)


@pytest.mark.parametrize("what", BREAKS)
def test_what_is_broken_is_found(broken: Workspace, what: str) -> None:
    do, sentence = BREAKS[what]
    do(broken)
    with pytest.raises(Violated, match=sentence):
        verify(broken, quiet)


def arrive(workspace: Workspace, file: str, *visits: str) -> None:
    """Deliver page views of new visitors, and build once more."""
    rows = "".join(f"{at},{user},dev-{user},page_view,/,,,\n" for at, user in (visit.split() for visit in visits))
    (workspace.root / "web" / file).write_text(HEADER + rows)
    run(workspace, quiet)


LATE = ("2024-05-10T10:00:00Z eve", "2024-05-10T11:00:00Z fay")


def test_a_closed_day_that_was_restated_may_not_change_once_more_unsaid(copied_shop: Workspace) -> None:
    """Nobody came on 10 May, then Eve did, then Fay did too: two changes of a closed day, and two sentences."""
    workspace = copied_shop
    arrive(workspace, "late.csv", LATE[0])
    first = "SELECT DISTINCT old_n_units, new_n_units FROM restatements WHERE day = '2024-05-10' ORDER BY ALL"
    assert ask(workspace, first) == [(0, 1)]
    verify(workspace, quiet)
    arrive(workspace, "later.csv", LATE[1])
    assert ask(workspace, first) == [(0, 1), (1, 2)]
    verify(workspace, quiet)
    change(workspace, "DELETE FROM restatements WHERE build_id = (SELECT build_id FROM build)")
    with pytest.raises(Violated, match=r"history: conversion_rate of 2024-05-10 for .* was closed .*without a row"):
        verify(workspace, quiet)


def test_a_closed_day_that_had_nobody_may_not_change_unsaid(copied_shop: Workspace) -> None:
    workspace = copied_shop
    arrive(workspace, "late.csv", LATE[0])
    change(workspace, "DELETE FROM restatements")
    with pytest.raises(Violated, match=r"history: conversion_rate of 2024-05-10 for .* was closed .*without a row"):
        verify(workspace, quiet)


def test_a_damaged_database_is_found_or_harmless(broken: Workspace, healthy: Workspace) -> None:
    """One bit is flipped, at places all over the file; where nothing is found every table reads as it did."""
    path = broken.current.resolve() / "journeys.duckdb"
    whole = path.read_bytes()
    found = 0
    for place in range(1, 16):
        damage(path, place / 16)
        try:
            verify(broken, quiet)
        except Violated:
            found += 1
        else:
            assert differences(path.parent, healthy.current.resolve(), set()) == {}, place
        path.write_bytes(whole)
    assert found


def test_a_deep_look_finds_a_row_that_nothing_accounts_for(broken: Workspace) -> None:
    change(broken, "UPDATE events SET country = 'Atlantis' WHERE user_id = 'cem-99'")
    verify(broken, quiet)
    with pytest.raises(Violated, match=r"full rebuild: The table main.events has 1 rows that are only published"):
        verify(broken, quiet, is_deep=True)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (
            "DELETE FROM work.visits; DELETE FROM work.session_roles",
            r"work.session_roles has \d+ rows that are only built anew",
        ),
        ("INSERT INTO transitions FROM transitions", r"main.transitions has \d+ rows that are only published"),
        ("DROP TABLE work.order_signs", "work.order_signs is not published"),
    ],
)
def test_a_deep_look_finds_what_no_other_table_gives_away(sql: str, sentence: str, broken: Workspace) -> None:
    change(broken, sql)
    with pytest.raises(Violated, match=f"(full rebuild|tables): .*{sentence}"):
        verify(broken, quiet, is_deep=True)


def test_the_exit_code_tells(broken: Workspace) -> None:
    fine = journeys("verify", "--workspace", str(broken.root), "--json")
    assert (fine.returncode, json.loads(fine.stdout)["holds"]) == (0, True)
    landed(broken).unlink()
    found = journeys("verify", "--workspace", str(broken.root), "--json")
    assert found.returncode == 18
    assert json.loads(found.stdout)["check"] == "landed files"
