"""What is older than `retention` keeps: gone from every file, its KPIs stand as they were published, and it stays out."""

import json
import signal
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connectors import manifest
from connectors.keys import make_key
from pipelines.erase import erase
from pipelines.errors import JourneysError
from pipelines.expire import Expired
from pipelines.run import expire_only, land_again_only, run
from pipelines.verify import verify
from pipelines.workspace import Workspace
from tests.commands import journeys
from tests.functional.small_shop import DEFINITION, HEADER, ask, copy, files_with, quiet

SHORT = DEFINITION.replace(
    "privacy: {k: 1}", "privacy: {k: 1}\nidentity: {attribute_back: 7d}\nretention: {events: 40d, quarantine: 15d}"
)
"""Journeys have a week, so that KPIs of the seven days after the limit are frozen too."""
OLD = """2024-02-28T09:00:00Z,old-1,dev-old,page_view,/canary-old,,,
2024-02-28T09:10:00Z,old-1,dev-old,purchase,/done,,ord-old-1,
2024-02-29T10:00:00Z,old-2,dev-two,page_view,/canary-old,,,
never,old-3,dev-three,page_view,/canary-unreadable,,,
"""
NEAR = """2024-03-05T10:00:00Z,near-1,dev-near,page_view,/home,,,
2024-03-06T10:00:00Z,near-2,dev-near-2,page_view,/home,,,
2024-03-06T10:05:00Z,near-2,dev-near-2,purchase,/done,,ord-near-1,
2024-03-25T10:00:00Z,bob-88,dev-bob,page_view,/home,,,
"""
NEW = """2024-04-13T10:00:00Z,bob-88,dev-bob,page_view,/home,,,
2024-04-13T10:05:00Z,bob-88,dev-bob,purchase,/done,,ord-bob-1,
"""
"""As of 13 April; 40 days before is 4 March, so that February is gone, and the KPIs of days before 8 March are frozen."""
LATE = """2024-02-27T10:00:00Z,late-1,dev-late,page_view,/canary-late,,,
2024-03-20T10:00:00Z,late-2,dev-late-2,page_view,/home,,,
"""
ORDERS = """id,user,placed,changed
ord-old-1,old-1,2024-02-28T09:10:00Z,2024-02-28T09:10:00Z
ord-bob-0,bob-88,2024-03-25T11:00:00Z,2024-03-25T11:00:00Z
"""
NEW_ORDERS = "id,user,placed,changed\nord-bob-1,bob-88,2024-04-13T10:05:00Z,2024-04-13T10:05:00Z\n"
CANARIES = (b"canary", b"old-1", b"dev-old", b"ord-old-1", b"old-2")
DAYS = "SELECT kpi, day, persona, value, low, high, n_units, n_people FROM kpi_daily ORDER BY ALL"


def deliver(workspace: Workspace, name: str, web: str, orders: str | None = None) -> None:
    (workspace.root / "web" / f"{name}.csv").write_text(HEADER + web)
    if orders:
        (workspace.root / "orders" / f"{name}.csv").write_text(orders)


@pytest.fixture(scope="module")
def night_one(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Publish what is old and near; nothing is 40 days old by then."""
    workspace = Workspace(tmp_path_factory.mktemp("night_one"))
    for folder in ("web", "orders"):
        (workspace.root / folder).mkdir()
    workspace.definition.write_text(SHORT)
    make_key(workspace.key)
    deliver(workspace, "one", OLD + NEAR, ORDERS)
    run(workspace, quiet)
    return workspace


@pytest.fixture(scope="module")
def night_two(night_one: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Another night brings what is new."""
    workspace = copy(night_one, tmp_path_factory.mktemp("night_two") / "shop")
    deliver(workspace, "two", NEW, NEW_ORDERS)
    run(workspace, quiet)
    return workspace


@pytest.fixture
def first_night(night_one: Workspace, tmp_path: Path) -> Workspace:
    return copy(night_one, tmp_path / "first")


@pytest.fixture
def second_night(night_two: Workspace, tmp_path: Path) -> Workspace:
    return copy(night_two, tmp_path / "second")


def in_rows(workspace: Workspace) -> str:
    """Everything that landed and is published, decompressed."""
    landed = "".join(str(pq.read_table(path).to_pylist()) for path in workspace.landing.rglob("*.parquet"))
    tables = ask(
        workspace, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name IN ('main', 'work')"
    )
    return landed + "".join(str(ask(workspace, f"FROM {name}")) for (name,) in tables)


def test_old_events_are_gone_from_every_file(night_one: Workspace, night_two: Workspace) -> None:
    before = in_rows(night_one)
    assert "canary-old" in before
    assert "canary-unreadable" in before
    assert files_with(night_two, CANARIES) == {}
    after = in_rows(night_two)
    assert not [canary for canary in CANARIES if canary.decode() in after]
    assert [path.name for path in night_two.builds.iterdir()] == [night_two.current.resolve().name]
    ledger = ask(night_two, "SELECT input, status, reason, n_records::INT FROM ledger ORDER BY ALL")
    assert ("one.csv", "filtered", "expired", 4) in ledger
    assert ("one.csv", "accepted", None, 4) in ledger


def test_kpis_of_frozen_days_stand_as_they_were_published(night_one: Workspace, night_two: Workspace) -> None:
    before = [row for row in ask(night_one, DAYS) if row[1].isoformat() < "2024-03-08"]
    assert [(row[1].day, row[3]) for row in before if row[2] == "(all)"] == [(28, 1.0), (29, 0.0), (5, 0.0), (6, 1.0)]
    assert [row for row in ask(night_two, DAYS) if row[1].isoformat() < "2024-03-08"] == before
    is_frozen = "SELECT day.strftime('%m-%d'), is_frozen, is_closed FROM kpi_daily WHERE persona = '(all)' ORDER BY 1"
    assert ask(night_two, is_frozen) == [
        ("02-28", True, True),
        ("02-29", True, True),
        ("03-05", True, True),
        ("03-06", True, True),
        ("03-25", False, True),
    ]
    assert ask(night_two, "SELECT count(*) FROM restatements") == [(0,)]
    of_all = "SELECT n_units, first_on::VARCHAR FROM kpi_status WHERE persona = '(all)' AND period = 'all'"
    assert ask(night_two, of_all) == [(3, "2024-03-05")]


def test_later_days_are_computed_and_frozen_in_their_turn(second_night: Workspace) -> None:
    workspace = second_night
    frozen = ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL")
    deliver(workspace, "three", "2024-05-12T10:00:00Z,cem-99,dev-cem,page_view,/home,,,\n")
    deliver(workspace, "four", LATE.splitlines(keepends=True)[1])
    (workspace.root / "orders" / "three.csv").write_text(
        "id,user,placed,changed\nord-cem-1,cem-99,2024-05-12T10:05:00Z,2024-05-12T10:05:00Z\n"
    )
    run(workspace, quiet)
    now = ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL")
    assert set(frozen) < set(now)
    assert {row[1].isoformat() for row in {*now} - {*frozen}} == {"2024-03-25"}
    days = (
        "SELECT day::VARCHAR, value, is_frozen FROM kpi_daily WHERE persona = '(all)' AND day > '2024-03-10' ORDER BY 1"
    )
    assert ask(workspace, days) == [("2024-03-25", 0.0, True), ("2024-04-13", 1.0, False)]
    assert len([*workspace.landing.glob("frozen_kpis-*.parquet")]) == 1


def test_events_go_by_whole_months_and_in_between_nights_build_on_the_last(second_night: Workspace) -> None:
    """As of 10 May, 40 days before is 31 March: all of March stays, and the night begins from the published build."""
    workspace, said = second_night, []
    deliver(workspace, "three", "2024-05-10T10:00:00Z,cem-99,dev-cem,page_view,/home,,,\n")
    (workspace.root / "orders" / "three.csv").write_text(
        "id,user,placed,changed\nord-cem-1,cem-99,2024-05-10T10:05:00Z,2024-05-10T10:05:00Z\n"
    )
    run(workspace, said.append)
    assert "near-1" in in_rows(workspace)
    assert "copy the published file" in said


def test_a_run_with_nothing_more_to_expire_changes_nothing(second_night: Workspace) -> None:
    workspace = second_night
    entries, build_id = manifest.path_of(workspace.landing).read_bytes(), workspace.current.resolve().name
    assert not run(workspace, quiet).is_new
    assert manifest.path_of(workspace.landing).read_bytes() == entries
    assert workspace.current.resolve().name == build_id


def test_the_workspace_verifies_and_equals_a_full_build(second_night: Workspace) -> None:
    workspace = second_night
    verify(workspace, quiet, is_deep=True)
    [frozen] = workspace.landing.glob("frozen_kpis-*.parquet")
    frozen.write_bytes(frozen.read_bytes()[:-1] + b"?")
    told = journeys("verify", "--workspace", str(workspace.root))
    assert told.returncode != 0
    assert frozen.name in told.stderr


def test_late_events_of_before_the_limit_stay_out(second_night: Workspace) -> None:
    workspace = second_night
    deliver(workspace, "late", LATE)
    # A file that grows by a line comes again as a whole; so does an order of which nothing is left.
    again = "2024-04-13T11:00:00Z,dee-11,dev-dee,page_view,/,,,\n"
    deliver(workspace, "one", OLD + NEAR + again, ORDERS + NEW_ORDERS.splitlines(keepends=True)[1])
    run(workspace, quiet)
    assert "canary-late" not in in_rows(workspace)
    assert "canary-old" not in in_rows(workspace)
    assert "ord-old-1" not in in_rows(workspace)
    fates = "SELECT input, status, n_records::INT FROM ledger WHERE source = 'web' AND load_seq > 4 ORDER BY ALL"
    # The unreadable one came again, and is as young as the delivery that it came with.
    assert ask(workspace, fates) == [
        ("late.csv", "accepted", 1),
        ("late.csv", "filtered", 1),
        ("one.csv", "accepted", 1),
        ("one.csv", "duplicate", 4),
        ("one.csv", "filtered", 3),
        ("one.csv", "quarantined", 1),
    ]
    verify(workspace, quiet)


def test_landing_again_brings_nothing_back(second_night: Workspace) -> None:
    workspace = second_night
    land_again_only(workspace, quiet, only=["web"])
    run(workspace, quiet)
    assert "canary-old" not in in_rows(workspace)
    assert ("2024-02-28", 1.0) in ask(workspace, "SELECT day::VARCHAR, value FROM kpi_daily")


def test_a_record_that_is_old_in_part_keeps_the_rest(first_night: Workspace) -> None:
    workspace = first_night
    workspace.definition.write_text(
        SHORT.replace(
            "events: {order_placed: {occurred_at: placed}}",
            "events: {order_placed: {occurred_at: placed}, order_changed: {occurred_at: changed}}",
        )
    )
    both = "id,user,placed,changed\nord-x,bob-88,2024-02-28T10:00:00Z,2024-03-20T10:00:00Z\n"
    deliver(workspace, "both", NEAR.splitlines(keepends=True)[0], both)
    run(workspace, quiet)
    deliver(workspace, "two", NEW, NEW_ORDERS)
    run(workspace, quiet)
    left = "SELECT event_name, occurred_at::DATE::VARCHAR FROM events WHERE order_id = 'ord-x'"
    assert ask(workspace, left) == [("order_changed", "2024-03-20")]
    fates = "SELECT status, n_records::INT FROM ledger WHERE source = 'orders' AND input = 'both.csv'"
    assert ask(workspace, fates) == [("accepted", 1)]
    verify(workspace, quiet)


def test_erasing_somebody_after_expiry_keeps_what_is_frozen(second_night: Workspace) -> None:
    workspace = second_night
    frozen = ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL")
    assert len(frozen) == 8
    erase(workspace, "near-2", quiet)
    assert "near-2" not in in_rows(workspace)
    assert ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL") == frozen
    verify(workspace, quiet)


def test_an_expiry_killed_between_its_steps_leaves_no_byte_after_the_next_run(
    first_night: Workspace, second_night: Workspace
) -> None:
    """Killed everywhere else too in tests/faults/test_forgetting.py, which compares with an undisturbed expiry."""
    workspace, twin = first_night, second_night
    deliver(workspace, "two", NEW, NEW_ORDERS)
    killed = journeys("run", "--workspace", str(workspace.root), JOURNEYS_FAILPOINT="X2")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ask(workspace, "SELECT count(*) FROM build") == [(1,)]
    run(workspace, quiet)
    assert files_with(workspace, CANARIES) == {}
    assert not [canary for canary in CANARIES if canary.decode() in in_rows(workspace)]
    assert ask(workspace, DAYS) == ask(twin, DAYS)
    verify(workspace, quiet)


def test_a_dry_run_says_what_would_go_and_changes_nothing(first_night: Workspace) -> None:
    workspace = first_night
    # As of 25 March nothing is old.
    assert expire_only(workspace, quiet, is_dry=True) == Expired()
    workspace.definition.write_text(DEFINITION)
    deliver(workspace, "two", NEW, NEW_ORDERS)
    run(workspace, quiet)
    workspace.definition.write_text(SHORT)
    before = manifest.path_of(workspace.landing).read_bytes()
    told = journeys("expire", "--dry-run", "--workspace", str(workspace.root), "--json")
    assert told.returncode == 0, told.stderr
    would = {
        "expired_before": "2024-03-01 00:00:00",
        "n_events": 4,
        "n_quarantined": 1,
        "n_files": 3,
        "n_frozen_days": 4,
    }
    assert json.loads(told.stdout) == would
    assert manifest.path_of(workspace.landing).read_bytes() == before
    said = journeys("expire", "--workspace", str(workspace.root)).stdout
    assert "Expired: 4 events of before 2024-03-01 00:00 UTC and 1 unreadable record, in 3 files" in said
    assert "canary" not in str([pq.read_table(path).to_pylist() for path in workspace.landing.rglob("*.parquet")])


def test_without_retention_nothing_expires(first_night: Workspace) -> None:
    workspace = first_night
    workspace.definition.write_text(DEFINITION)
    deliver(workspace, "two", NEW, NEW_ORDERS)
    run(workspace, quiet)
    assert "canary-old" in in_rows(workspace)
    assert expire_only(workspace, quiet).n_files == 0
    assert ask(workspace, "SELECT count(*) FROM frozen_kpis") == [(0,)]


def test_what_a_later_version_took_back_stays_so_when_that_version_expires(first_night: Workspace) -> None:
    """The order was changed on 20 March, and that is taken back; then its newest version, which is old, goes."""
    workspace = first_night
    workspace.definition.write_text(
        SHORT.replace(
            "events: {order_placed: {occurred_at: placed}}",
            "events: {order_placed: {occurred_at: placed}, order_shipped: {occurred_at: shipped}}",
        )
    )
    head = "id,user,placed,shipped,changed\n"
    first = "ord-x,bob-88,2024-02-28T10:00:00Z,2024-03-20T10:00:00Z,2024-03-21T10:00:00Z\n"
    deliver(workspace, "shipped", NEAR.splitlines(keepends=True)[0], head + first)
    run(workspace, quiet)
    left = "SELECT event_name, occurred_at::DATE::VARCHAR FROM events WHERE order_id = 'ord-x' ORDER BY ALL"
    assert ask(workspace, left) == [("order_placed", "2024-02-28"), ("order_shipped", "2024-03-20")]
    back = "ord-x,bob-88,2024-02-28T10:00:00Z,,2024-03-22T10:00:00Z\n"
    deliver(workspace, "back", NEAR.splitlines(keepends=True)[0], head + back)
    run(workspace, quiet)
    assert ask(workspace, left) == [("order_placed", "2024-02-28")]
    deliver(workspace, "two", NEW, head + "ord-bob-1,bob-88,2024-04-13T10:05:00Z,,2024-04-13T10:05:00Z\n")
    run(workspace, quiet)
    assert ask(workspace, left) == []
    verify(workspace, quiet)
    # Both come again: the second takes back what the first brings, though it has expired itself.
    deliver(workspace, "again", NEAR.splitlines(keepends=True)[0], head + first + back)
    run(workspace, quiet)
    assert ask(workspace, left) == []


def test_a_build_as_of_long_ago_freezes_nothing_so_nothing_expires_that_night(second_night: Workspace) -> None:
    workspace = second_night
    frozen = ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL")
    run(workspace, quiet, as_of=datetime(2024, 3, 26))
    later = "2024-05-13T10:00:00Z,bob-88,dev-bob,page_view,/home,,,\n"
    deliver(
        workspace, "three", later, "id,user,placed,changed\nord-c,bob-88,2024-05-13T10:05:00Z,2024-05-13T10:05:00Z\n"
    )
    said: list[str] = []
    run(workspace, said.append)
    assert any("events expire after the next build" in line for line in said)
    assert ask(workspace, "SELECT * FROM frozen_kpis ORDER BY ALL") == frozen
    run(workspace, quiet)
    assert ask(workspace, "SELECT min(occurred_at)::DATE::VARCHAR FROM events") == [("2024-04-13",)]
    assert [day for (day,) in ask(workspace, "SELECT DISTINCT day::VARCHAR FROM frozen_kpis ORDER BY 1")][
        -1
    ] > "2024-03-08"
    verify(workspace, quiet)


def test_damaged_kpis_of_days_that_have_expired_are_told_in_a_sentence(second_night: Workspace) -> None:
    [frozen] = second_night.landing.glob("frozen_kpis-*.parquet")
    frozen.write_bytes(b"PAR1 is not what it was PAR1")
    deliver(second_night, "three", "2024-04-14T10:00:00Z,bob-88,dev-bob,page_view,/home,,,\n")
    with pytest.raises(JourneysError, match="holds the KPIs of days that have expired; restore it from a backup"):
        run(second_night, quiet)
