"""Erasing a person: no byte of them is left, the others' numbers are those of a shop they never came to, they stay out."""

import json
import signal
from pathlib import Path

import pytest

from connectors import manifest
from connectors.engine import connect
from connectors.engine import run as query
from connectors.keys import pseudonym, read_key
from pipelines.erase import erase
from pipelines.errors import JourneysError
from pipelines.inspection import status
from pipelines.run import run
from pipelines.workspace import Workspace
from tests.commands import journeys
from tests.functional.small_shop import (
    ANNS,
    ANNS_ORDERS,
    CANARIES,
    HEADER,
    OTHERS,
    OTHERS_ORDERS,
    ask,
    files_with,
    quiet,
    shop,
)

KPIS = ("kpi_daily", "kpi_status", "journey_totals", "transitions", "stage_dropoff", "sessions")


def email_key(workspace: Workspace) -> bytes:
    key = read_key(workspace.key)
    assert key is not None
    return pseudonym(key, "email", "ann@example.org").encode()


def plain(workspace: Workspace, names: tuple[str, ...]) -> set[str]:
    """Find identifiers in landed files and in every published table, decompressed."""
    entries = manifest.read(workspace.landing)
    files = [str(workspace.landing / file.path) for entry in entries for file in entry.files]
    con = connect(allowed=[workspace.landing])
    try:
        text = "".join(str(row) for file in files for row in query(con, "SELECT * FROM read_parquet($f)", {"f": file}))
    finally:
        con.close()
    tables = ask(workspace, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal")
    text += "".join(str(row) for (table,) in tables for row in ask(workspace, f"FROM {table}"))
    return {name for name in names if name in text}


def test_no_byte_of_an_erased_person_is_left(copied_shop: Workspace) -> None:
    workspace = copied_shop
    canaries = (*CANARIES, email_key(workspace))
    names = tuple(canary.decode() for canary in canaries)
    assert plain(workspace, names) == {*names} - {"ann@example.org"}
    assert files_with(workspace, canaries)
    [receipt] = erase(workspace, "ann-77", quiet)
    assert files_with(workspace, canaries) == {}
    assert plain(workspace, names) == set()
    assert [path.name for path in workspace.builds.iterdir()] == [workspace.current.resolve().name]
    assert (receipt["n_events"], receipt["n_quarantined"]) == (6, 2)
    assert json.loads((workspace.root / "erasures" / f"{receipt['person_id']}.json").read_text()) == receipt
    assert any("web/*.csv" in place for place in receipt["outside_our_reach"])
    assert any("backups" in place for place in receipt["outside_our_reach"])


def test_the_numbers_are_those_of_a_shop_the_person_never_came_to(copied_shop: Workspace, tmp_path: Path) -> None:
    workspace, twin = copied_shop, shop(tmp_path / "twin", OTHERS, OTHERS_ORDERS)
    twin.key.write_bytes(workspace.key.read_bytes())
    run(twin, quiet)
    rates = (
        "SELECT value, n_units FROM kpi_status WHERE kpi = 'conversion_rate' AND persona = '(all)' AND period = 'all'"
    )
    assert ask(workspace, rates) != ask(twin, rates)
    erase(workspace, "ann-77", quiet)
    for table in KPIS:
        assert ask(workspace, f"FROM {table} ORDER BY ALL") == ask(twin, f"FROM {table} ORDER BY ALL"), table


def test_unreadable_records_of_others_stay_in_quarantine(copied_shop: Workspace) -> None:
    workspace = copied_shop
    erase(workspace, "ann-77", quiet)
    assert plain(workspace, ("unreadable-of-bob",)) == {"unreadable-of-bob"}


def test_what_comes_later_of_an_erased_person_stays_out(copied_shop: Workspace) -> None:
    workspace = copied_shop
    erase(workspace, "ann-77", quiet)
    late = (
        "2024-06-21T09:00:00Z,ann-77,dev-new,page_view,/canary-late,,,\n"
        "2024-06-21T09:00:00Z,,dev-ann,page_view,/canary-late,,,\n"
        "2024-06-21T09:00:00Z,,,page_view,/canary-late,Ann@Example.org,,\n"
        "2024-06-21T09:00:00Z,,,page_view,/canary-late,,ord-ann-9,\n"
        "never,ann-77,dev-new,page_view,/canary-late,,,\n"
        "2024-06-22T09:00:00Z,bob-88,dev-bob,page_view,/home,,,\n"
    )
    (workspace.root / "web" / "two.csv").write_text(HEADER + late)
    # The first file grows by a line, and so everything in it, hers too, is delivered again.
    (workspace.root / "web" / "one.csv").write_text(
        HEADER + ANNS + OTHERS + "2024-06-22T10:00:00Z,bob-88,dev-bob,page_view,/,,,\n"
    )
    (workspace.root / "orders" / "two.csv").write_text(
        "id,user,placed,changed\nord-ann-9,,2024-05-02T09:10:00Z,2024-06-21T09:10:00Z\n"
    )
    outcome = run(workspace, quiet)
    assert outcome.n_landed == 2
    assert files_with(workspace, (*CANARIES, email_key(workspace))) == {}
    assert plain(workspace, ("canary", "ann-77", "dev-ann", "ord-ann-9")) == set()
    fates = ask(workspace, "SELECT input, sum(n_records) FROM ledger WHERE reason = 'erased' GROUP BY ALL ORDER BY ALL")
    # Of the first delivery five events and two unreadable records, and the same when the file came again.
    assert fates == [("one.csv", 7 + 7 + 1), ("two.csv", 5 + 1)]


def test_an_erasure_killed_between_its_steps_leaves_no_byte_after_the_next(copied_shop: Workspace) -> None:
    """Killed everywhere else too in tests/faults/test_forgetting.py, which compares with an undisturbed erasure."""
    workspace = copied_shop
    killed = journeys("erase", "person", "ann-77", "--workspace", str(workspace.root), JOURNEYS_FAILPOINT="E2")
    assert killed.returncode == -signal.SIGKILL
    assert ask(workspace, "SELECT count(*) FROM build") == [(1,)]
    again = journeys("erase", "person", "ann-77", "--workspace", str(workspace.root), "--json")
    assert again.returncode == 0, again.stderr
    [receipt] = json.loads(again.stdout)["receipts"]
    assert (receipt["n_events"], receipt["n_quarantined"]) == (6, 2)
    assert files_with(workspace, (*CANARIES, email_key(workspace))) == {}
    assert plain(workspace, ("canary", "ann-77", "dev-ann", "ord-ann-9")) == set()


def test_nobody_is_published_anew_while_an_erasure_is_unfinished(copied_shop: Workspace) -> None:
    workspace = copied_shop
    journeys("erase", "person", "ann-77", "--workspace", str(workspace.root), JOURNEYS_FAILPOINT="E1")
    [line] = status(workspace)["unfinished_erasures"]
    person_id = line.split(":")[0]
    assert line == f"{person_id}: cut short; `journeys erase person {person_id}` finishes it"
    with pytest.raises(JourneysError, match=f"The erasure of {person_id} was cut short; run `journeys erase person"):
        run(workspace, quiet)
    erase(workspace, person_id, quiet)
    assert "unfinished_erasures" not in status(workspace)
    assert not run(workspace, quiet).is_new


@pytest.mark.parametrize("user", ["Ann Lee", "QW5uLTc3==", "ann.77."])
def test_an_unreadable_record_is_theirs_whatever_signs_the_name_in_it_has(user: str, tmp_path: Path) -> None:
    workspace = shop(tmp_path / "shop", ANNS.replace("ann-77", user) + OTHERS)
    run(workspace, quiet)
    erase(workspace, user, quiet)
    assert plain(workspace, ("canary-unreadable",)) == set()
    assert plain(workspace, ("unreadable-of-bob",)) == {"unreadable-of-bob"}


def test_erasing_twice_does_nothing_the_second_time(copied_shop: Workspace) -> None:
    workspace = copied_shop
    erase(workspace, "ann-77", quiet)
    build_id = workspace.current.resolve().name
    assert erase(workspace, "ann@example.org", quiet) == []
    assert workspace.current.resolve().name == build_id


def test_two_users_of_one_address_are_not_erased_unless_told(tmp_path: Path) -> None:
    both = "2024-05-02T09:00:00Z,bob-88,dev-bob,page_view,/home,ann@example.org,,\n"
    workspace = shop(tmp_path / "shop", ANNS + both + OTHERS)
    run(workspace, quiet)
    with pytest.raises(JourneysError, match=r"2 user ids.*user:shop:ann-77.*--yes"):
        erase(workspace, "ann-77", quiet)
    assert not (workspace.landing / "erased.json").exists()
    erase(workspace, "ann-77", quiet, is_told=True)
    assert plain(workspace, ("ann-77", "bob-88")) == set()


def test_nobody_of_that_name_is_said_so(copied_shop: Workspace) -> None:
    workspace = copied_shop
    with pytest.raises(JourneysError, match="Nobody published is called 'zoe'"):
        erase(workspace, "zoe", quiet)


def test_an_erasure_from_within_the_workspace_leaves_what_is_published(
    copied_shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied_shop.root)
    erased = journeys("erase", "person", "ann-77")
    assert erased.returncode == 0, erased.stderr
    assert ask(copied_shop, "SELECT count(*) FROM build") == [(1,)]
    assert [path.name for path in copied_shop.builds.iterdir()] == [copied_shop.current.resolve().name]


def test_what_a_killed_verification_left_goes_with_an_erasure_and_with_a_run(copied_shop: Workspace) -> None:
    for remove in (lambda: erase(copied_shop, "ann-77", quiet), lambda: run(copied_shop, quiet)):
        copied_shop.scratch.mkdir()
        (copied_shop.scratch / "journeys.duckdb").write_bytes(b"ann-77")
        remove()
        assert not copied_shop.scratch.exists()


def test_where_nothing_defined_is_left_of_it_nothing_stays_published(tmp_path: Path) -> None:
    """What landed of a source that is defined no more is left, and no build is made of it; Ann was all there was."""
    workspace = shop(tmp_path, ANNS, ANNS_ORDERS)
    definition = workspace.definition.read_text()
    (workspace.root / "old").mkdir()
    (workspace.root / "old" / "a.csv").write_text(HEADER + "2024-05-06T10:00:00Z,guy-1,dev-guy,page_view,/home,,,\n")
    web = definition[definition.index("  web:") : definition.index("  orders:")]
    workspace.definition.write_text(
        definition.replace(
            "sources:\n", "sources:\n" + web.replace("web", "old").replace("user_ids: shop", "user_ids: old"), 1
        )
    )
    run(workspace, quiet)
    workspace.definition.write_text(definition)
    run(workspace, quiet)
    erase(workspace, "ann-77", quiet)
    assert not workspace.current.exists()
    assert files_with(workspace, (b"ann-77",)) == {}


def test_text_with_a_nul_after_each_letter_is_looked_through(tmp_path: Path) -> None:
    """Some programs save as UTF-16; each line but the first is then valid UTF-8 that is no record."""
    workspace = shop(tmp_path, ANNS + OTHERS)
    line = "never,ann-77,dev-ann,page_view,/canary-wide,,,\n"
    wide = (HEADER + line).encode("utf-16-le")
    (workspace.root / "web" / "wide.csv").write_bytes(HEADER.encode() + wide[len(HEADER.encode("utf-16-le")) :])
    run(workspace, quiet)
    assert "canary-wide" in all_raw(workspace)
    erase(workspace, "ann-77", quiet)
    assert "canary-wide" not in all_raw(workspace)


def all_raw(workspace: Workspace) -> str:
    """What is in quarantine, without the NULs."""
    files = [entry.quarantine for entry in manifest.read(workspace.landing) if entry.quarantine]
    con = connect(allowed=[workspace.landing])
    try:
        rows = [
            query(con, "SELECT raw FROM read_parquet($f)", {"f": str(workspace.landing / file.path)}) for file in files
        ]
    finally:
        con.close()
    return str(rows).replace("\\x00", "").replace("\x00", "")
