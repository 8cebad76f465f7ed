"""The main job on a small workspace of one's own: what it finds, and what it leaves alone when something is wrong."""

import json
import os
import re
import shutil
import signal
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.demo.apis import shop_api
from pipelines.errors import CheckFailed, DefinitionError
from pipelines.run import Outcome, run
from pipelines.workspace import Workspace, locked
from tests.commands import journeys
from tests.functional.small_shop import ask, quiet


def test_a_csv_becomes_journeys(own_csv: Workspace) -> None:
    outcome = run(own_csv, quiet)
    assert outcome.is_new
    assert ask(own_csv, "SELECT n_events, n_people, n_journeys FROM build") == [(7, 4, 4)]
    # Three journeys began more than seven days before the last event; Ann's succeeded.
    assert ask(
        own_csv,
        "SELECT value, n_units, n_immature FROM kpi_status WHERE kpi = 'conversion_rate' AND persona = '(all)' AND period = 'all'",
    ) == [(pytest.approx(1 / 3), 3, 1)]


def test_a_second_run_finds_nothing_new_and_touches_nothing(copied_csv: Workspace) -> None:
    first = copied_csv.current.resolve().name
    before = {path: path.stat().st_mtime_ns for path in (copied_csv.root / "builds").rglob("*")}
    second = run(copied_csv, quiet)
    assert (second.is_new, second.n_landed, second.build_id) == (False, 0, first)
    assert before == {path: path.stat().st_mtime_ns for path in (copied_csv.root / "builds").rglob("*")}


def test_new_lines_in_a_file_land_once_and_make_a_new_build(copied_csv: Workspace) -> None:
    first = copied_csv.current.resolve().name
    with (copied_csv.root / "events.csv").open("a") as stream:
        stream.write("2024-06-02T12:00:00Z,dee,purchase,/done\n")
    second = run(copied_csv, quiet)
    assert (second.is_new, second.n_landed) == (True, 1)
    assert second.build_id != first
    assert ask(copied_csv, "SELECT n_events FROM build") == [(8,)]


def test_a_changed_target_makes_a_new_build_and_lands_nothing(copied_csv: Workspace) -> None:
    first = copied_csv.current.resolve().name
    second = run(copied_csv, quiet, {"kpis.conversion_rate.target": "0.5"})
    assert second.n_landed == 0
    assert second.build_id != first


def test_as_of_decides_what_is_mature(own_csv: Workspace) -> None:
    from datetime import UTC, datetime

    run(own_csv, quiet, as_of=datetime(2024, 7, 1, tzinfo=UTC))
    assert ask(own_csv, "SELECT count(*) FROM journey_outcomes WHERE outcome = 'open'") == [(0,)]


def test_the_same_inputs_give_the_same_pages_byte_for_byte(own_csv: Workspace, tmp_path: Path) -> None:
    twin = Workspace(tmp_path / "twin")
    twin.root.mkdir()
    for name in ("journey.yaml", "events.csv", "journeys.key"):
        (twin.root / name).write_bytes((own_csv.root / name).read_bytes())
    one, other = run(own_csv, quiet), run(twin, quiet)
    assert one.build_id == other.build_id
    for page in ("map", "flow", "kpis"):
        assert one.files[page].read_bytes() == other.files[page].read_bytes()
    for table in ("kpi_daily", "kpi_weekly", "kpi_status"):
        assert (own_csv.current / "kpis" / f"{table}.parquet").read_bytes() == (
            twin.current / "kpis" / f"{table}.parquet"
        ).read_bytes()


@pytest.mark.parametrize("said", ["2024-03-19T22:00:00", "2024-03-19T22:00:00Z", "2024-03-20T00:00:00+02:00"])
def test_as_of_is_in_utc_unless_it_says_an_offset(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[datetime] = []
    monkeypatch.setattr("pipelines.run.run", lambda *given: told.append(given[3]))
    monkeypatch.setattr(cli, "show_outcome", lambda *_: None)
    assert CliRunner().invoke(cli.app, ["run", "--as-of", said]).exit_code == 0
    assert [str(instant) for instant in told] == ["2024-03-19 22:00:00+00:00"]


def test_what_is_published_stays_when_a_check_fails(copied_csv: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import models

    first = copied_csv.current.resolve().name
    (copied_csv.root / "events.csv").write_text(
        (copied_csv.root / "events.csv").read_text() + "2024-06-02T12:00:00Z,dee,purchase,/done\n"
    )
    impossible = models.parse("impossible", "-- impossible: nothing ever happens\nSELECT 1;")
    monkeypatch.setattr(models, "checks", lambda: {"impossible": impossible})
    with pytest.raises(CheckFailed, match="nothing ever happens"):
        run(copied_csv, quiet)
    assert copied_csv.current.resolve().name == first


def test_a_second_run_at_the_same_time_is_refused(own_csv: Workspace) -> None:
    with locked(own_csv):
        refused = journeys("run", "--workspace", str(own_csv.root))
    assert refused.returncode == 75
    assert str(os.getpid()) in refused.stderr


def test_files_are_readable_by_their_owner_only(published_csv: Workspace) -> None:
    for folder in (published_csv.landing, published_csv.builds):
        for path in folder.rglob("*"):
            if path.is_file():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (lambda root: (root / "journey.yaml").unlink(), 10, ["There is no journey.yaml", "journeys init"]),
        (lambda root: (root / "events.csv").unlink(), 12, ["sources.web", "No file matches 'events.csv'"]),
        (
            lambda root: (root / "events.csv").write_text("time,person,event,page\n2024-05-01,ann,signup,/\n"),
            11,
            ["sources.web", "'user'", "time, person, event, page"],
        ),
        (
            lambda root: (root / "journey.yaml").write_text(
                (root / "journey.yaml").read_text().replace("success: buy", "success: bye")
            ),
            10,
            ["line 20", "unknown stage 'bye'; did you mean 'buy'?"],
        ),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code_of_its_own(
    own_csv: Workspace, spoil, code: int, words: list[str]
) -> None:
    spoil(own_csv.root)
    failed = journeys("run", "--workspace", str(own_csv.root))
    assert failed.returncode == code
    assert "Traceback" not in failed.stderr
    for word in words:
        assert word in failed.stderr


def test_an_api_that_cannot_be_reached_leaves_what_is_published(copied_csv: Workspace) -> None:
    first = copied_csv.current.resolve().name
    shop = "  shop: {connector: shop_orders, url: 'http://127.0.0.1:9', token: {env: SHOP_TOKEN}, patience: {attempts: 1}}\n"
    copied_csv.definition.write_text(copied_csv.definition.read_text().replace("sources:\n", "sources:\n" + shop))
    failed = journeys("run", "--workspace", str(copied_csv.root), SHOP_TOKEN="canary-of-a-secret")
    assert failed.returncode == 12
    assert failed.stderr.strip().splitlines()[-1].startswith("sources.shop: ")
    assert "canary" not in failed.stderr
    assert copied_csv.current.resolve().name == first


def test_json_output_is_one_object_with_the_findings(own_csv: Workspace) -> None:
    done = journeys("run", "--workspace", str(own_csv.root), "--json")
    said = json.loads(done.stdout)
    assert said["is_new"] is True
    assert set(said["findings"]) == {
        "people",
        "journeys",
        "worst_stage",
        "kpis_off_target",
        "top_pain_point",
        "unmatched",
    }
    assert all(Path(path).exists() for path in said["files"].values())


def test_land_build_and_publish_are_the_run_in_three_steps(own_csv: Workspace) -> None:
    where = ("--workspace", str(own_csv.root))
    assert "7 records landed" in journeys("land", *where).stdout
    assert not own_csv.current.exists()
    assert "Built and audited" in journeys("build", *where).stdout
    assert not own_csv.current.exists()
    assert "Published build" in journeys("publish", *where).stdout
    assert "what is published is what has landed" in journeys("status", *where).stdout


def test_check_counts_what_is_defined(own_csv: Workspace) -> None:
    assert (
        "is right: 1 source, 3 touchpoints, 0 personas, 1 journey, 2 KPIs"
        in journeys("check", "--workspace", str(own_csv.root)).stdout
    )


def test_check_shows_rules_that_overlap_on_what_is_published(copied_csv: Workspace) -> None:
    definition = copied_csv.definition.read_text().replace(
        "  signup:   {event: signup}", '  signup:   {event: signup}\n  anything: {event: "*"}'
    )
    copied_csv.definition.write_text(definition)
    run(copied_csv, quiet)
    said = journeys("check", "--workspace", str(copied_csv.root)).stdout
    assert "touchpoint anything is in no stage and plays no role" in said
    assert "1 kind of event is visit and matches anything too; the first rule wins" in said


def test_a_run_and_a_check_say_which_events_match_no_touchpoint(own_csv: Workspace) -> None:
    assert run(own_csv, quiet).findings.unmatched == ""
    with (own_csv.root / "events.csv").open("a") as stream:
        stream.writelines(
            f"2024-06-02T12:00:0{n}Z,dee,{name},/\n" for n, name in enumerate(["zoom", "scroll", "scroll"])
        )
    said = "3 events of 2 names match no touchpoint, most of them 'scroll' of web (2); the table coverage lists them"
    assert f"Unmatched    {said}" in journeys("run", "--workspace", str(own_csv.root)).stdout
    assert said in journeys("check", "--workspace", str(own_csv.root)).stdout


@pytest.mark.parametrize("command", ["run", "land", "demo"])
def test_help_names_what_an_option_takes_not_its_type(command: str) -> None:
    options = re.findall(r"^ +-.*", journeys(command, "--help").stdout, re.M)
    assert any("-w, --workspace DIR " in line for line in options)
    assert not [line for line in options if "<" in line.split("  ")[1]]


def test_show_gives_an_event_as_it_landed(published_csv: Workspace) -> None:
    event_id = ask(published_csv, "SELECT event_id FROM events WHERE event_name = 'signup' AND user_id = 'ann'")[0][0]
    shown = json.loads(journeys("show", event_id, "--workspace", str(published_csv.root)).stdout)
    assert (shown["user_id"], shown["page_path"], shown["line_no"]) == ("ann", "/join", 3)


def test_every_table_has_a_comment_and_every_column_that_analysts_read(published_csv: Workspace) -> None:
    assert ask(published_csv, "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL") == []
    assert (
        ask(
            published_csv,
            """SELECT table_name, column_name FROM duckdb_columns()
            WHERE schema_name = 'main' AND NOT internal AND comment IS NULL""",
        )
        == []
    )


def test_the_published_file_can_be_read_by_duckdb_1_5(published_csv: Workspace) -> None:
    """The version of the storage format is a number in the file's header; 1.5 reads up to 68."""
    header = (published_csv.current / "journeys.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 68


def test_the_published_tables_are_the_promised_ones(published_csv: Workspace) -> None:
    promised = {
        "events",
        "people",
        "sessions",
        "journeys",
        "journey_outcomes",
        "journey_steps",
        "stage_visits",
        "transitions",
    }
    promised |= {"stage_dropoff", "kpi_units", "kpi_daily", "kpi_status", "coverage", "ledger", "build"}
    assert promised <= {name for (name,) in ask(published_csv, "SELECT table_name FROM duckdb_tables()")}


def test_a_missing_key_is_named_before_anything_lands(own_csv: Workspace) -> None:
    own_csv.key.unlink()
    definition = own_csv.definition.read_text().replace("page: page}", "page: page, email: user}")
    own_csv.definition.write_text(definition)
    refused = journeys("run", "--workspace", str(own_csv.root))
    assert refused.returncode == 13
    assert "journeys init" in refused.stderr


def test_set_changes_the_definition_for_one_run(own_csv: Workspace) -> None:
    with pytest.raises(DefinitionError, match="no duration"):
        run(own_csv, quiet, {"sessions.gap": "half an hour"})
    outcome: Outcome = run(own_csv, quiet, {"sessions.gap": "1m"})
    # Ann's three events, five minutes apart, are three sessions now; Cem's two, one minute apart, are one.
    assert ask(own_csv, "SELECT count(*) FROM sessions") == [(6,)]
    assert outcome.is_new


SHOP = """
  shop:
    connector: shop_orders
    url: "{url}"
    token: {{env: SHOP_TOKEN}}
    start: 2024-05-01
    user_ids: shop
"""
TOKEN = {"SHOP_TOKEN": "demo-token"}


def order(number: int, changed: str) -> dict[str, Any]:
    """An order of customer 7, in the shop's shape, placed and changed at an instant."""
    return {
        "id": number, "created_at": changed, "processed_at": changed, "updated_at": changed, "cancelled_at": None, "test": False,
        "total_price": "10.00", "currency": "EUR", "email": None, "contact_email": None, "phone": None, "source_name": "web",
        "customer": {"id": 7}, "shipping_address": None, "billing_address": None, "fulfillments": [], "refunds": [],
    }  # fmt: skip


def test_missing_days_of_an_api_are_landed_and_published_by_one_command(own_csv: Workspace) -> None:
    """The shop kept an order of 3 May back until its cursor had long passed; no later night would ask for it again."""
    early, kept_back = order(1, "2024-05-01T10:00:00+00:00"), order(2, "2024-05-03T10:00:00+00:00")
    late = order(3, "2024-05-20T10:00:00+00:00")
    where = ("--workspace", str(own_csv.root))
    definition = own_csv.definition.read_text()

    def run_against(orders: list[dict[str, Any]], *args: str) -> list[tuple[Any, ...]]:
        requests: list[str] = []
        with shop_api(orders, now=datetime(2024, 6, 2, tzinfo=UTC), requests=requests) as url:
            own_csv.definition.write_text(definition.replace("sources:", "sources:" + SHOP.format(url=url), 1))
            done = journeys("run", *args, *where, **TOKEN)
        assert done.returncode == 0, done.stderr
        assert requests
        return ask(own_csv, "SELECT order_id FROM events WHERE source = 'shop' ORDER BY order_id")

    assert run_against([early, late]) == [("1",), ("3",)]
    assert run_against([early, kept_back, late]) == [("1",), ("3",)]
    before = own_csv.current.resolve().name
    backfill = ("--source", "shop", "--from", "2024-05-02", "--to", "2024-05-04")
    assert run_against([early, kept_back, late], *backfill) == [("1",), ("2",), ("3",)]
    assert own_csv.current.resolve().name != before
    # Said again, it finds nothing new, and the cursor is where it was.
    after = own_csv.current.resolve().name
    assert run_against([early, kept_back, late], *backfill) == [("1",), ("2",), ("3",)]
    assert run_against([early, kept_back, late, order(4, "2024-05-21T10:00:00+00:00")])[-1] == ("4",)
    assert own_csv.current.resolve().name != after


def test_a_source_at_another_host_is_asked_from_the_start(own_csv: Workspace) -> None:
    """They tried it on another shop first, whose orders are younger than all that this one has."""
    definition, where = own_csv.definition.read_text(), ("--workspace", str(own_csv.root))
    for host, number, day in (("localhost", 1, 20), ("127.0.0.1", 2, 3), ("127.0.0.1", 3, 2)):
        with shop_api([order(number, f"2024-05-{day:02}T10:00:00+00:00")], now=datetime(2024, 6, 2, tzinfo=UTC)) as url:
            spec = SHOP.format(url=url.replace("127.0.0.1", host))
            own_csv.definition.write_text(definition.replace("sources:", "sources:" + spec, 1))
            done = journeys("run", *where, **TOKEN)
        assert done.returncode == 0, done.stderr
    # At the same host it goes on where it was: what is older than that is not asked for again.
    assert ask(own_csv, "SELECT order_id FROM events WHERE source = 'shop' ORDER BY order_id") == [("1",), ("2",)]


def test_days_of_one_source_leave_the_others_alone(copied_csv: Workspace) -> None:
    with (copied_csv.root / "events.csv").open("a") as stream:
        stream.write("2024-06-02T12:00:00Z,dee,purchase,/done\n")
    (copied_csv.root / "desk.csv").write_text("time,user,event\n2024-06-01T12:00:00Z,dee,asked\n")
    desk = """
  desk: {connector: files, path: desk.csv, event_name: event, fields: {occurred_at: time, user_id: user}}"""
    copied_csv.definition.write_text(copied_csv.definition.read_text().replace("sources:", "sources:" + desk, 1))
    done = journeys("run", "--source", "desk", "--workspace", str(copied_csv.root))
    assert done.returncode == 0, done.stderr
    assert ask(copied_csv, "SELECT source, count(*) FROM events GROUP BY source ORDER BY source") == [
        ("desk", 1),
        ("web", 7),
    ]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--from", "2024-03-01"), "--from DAY and --to DAY go together"),
        (("--from", "2024-03-01", "--to", "2024-03-02"), "journeys run --source SOURCE --from DAY --to DAY"),
        (
            ("--source", "web", "--from", "2024-03-02", "--to", "2024-03-01"),
            "--from 2024-03-02 is after --to 2024-03-01",
        ),
    ],
)
def test_a_range_of_days_has_a_source_and_two_ends(own_csv: Workspace, args: tuple[str, ...], words: str) -> None:
    refused = CliRunner().invoke(cli.app, ["run", *args, "--workspace", str(own_csv.root)])
    assert refused.exit_code == 2
    assert words in refused.output


def test_help_teaches_how_to_ask_for_missing_days() -> None:
    said = CliRunner().invoke(cli.app, ["run", "--help"]).output
    assert "journeys run --source SOURCE --from 2024-05-01 --to 2024-05-03" in " ".join(said.split())


def test_days_the_wrong_way_round_are_refused(own_csv: Workspace) -> None:
    days = ["--from", "2024-03-02", "--to", "2024-03-01"]
    refused = CliRunner().invoke(cli.app, ["land", "events", *days, "--workspace", str(own_csv.root)])
    assert refused.exit_code == 2
    assert "--from 2024-03-02 is after --to 2024-03-01" in refused.output


def test_after_a_killed_landing_what_has_landed_is_published(copied_csv: Workspace) -> None:
    """What a landing spilled lies in folders."""
    with (copied_csv.root / "events.csv").open("a") as stream:
        stream.write("2024-06-02T12:00:00Z,dee,purchase,/done\n")
    where = ("--workspace", str(copied_csv.root))
    assert journeys("land", *where, JOURNEYS_FAILPOINT="L4").returncode == -signal.SIGKILL
    (copied_csv.landing / ".spill" / "known").mkdir(parents=True, exist_ok=True)
    told = journeys("publish", *where)
    assert told.returncode == 0, told.stderr
    assert not (copied_csv.landing / ".spill").exists()


def test_a_build_that_was_named_and_never_shown_is_gone_with_the_next(copied_csv: Workspace) -> None:
    """A run was killed before the pointer moved: no reader saw its build, and none is compared with it."""
    unseen = copied_csv.builds / "2024-06-01-000000000000"
    shutil.copytree(copied_csv.current.resolve(), unseen)
    os.utime(unseen)
    run(copied_csv, quiet, {"kpis.conversion_rate.target": "0.31"})
    assert not unseen.exists()
