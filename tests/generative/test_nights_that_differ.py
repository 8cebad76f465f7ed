"""What a night builds anew when the definition changes, and what it remembers of figures and people that changed."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.engine import connect, run
from pipelines.workspace import Workspace, published
from tests.drawn_text import id_of
from tests.generative import shop
from tests.generative.builds import assert_same, everything, full, incremental

ANN = shop.email("ann@shop.example")
DAY = date(2024, 5, 28)
"""Two days before the shop's evening."""
MORNING = -2 * 24 * 60 - 12 * 60


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return shop.workspace(tmp_path)


def web(id: str, minutes: int, what: str = "search", **rest: str) -> shop.Row:
    """An event so many minutes after the shop opens."""
    return {"id": id, "what": what, "at": (shop.START + timedelta(minutes=minutes)).isoformat(), "n": 1, **rest}


def night(workspace: Workspace, *rows: shop.Row, **choices: Any) -> list[str]:
    """Deliver rows, build on what is published, publish that, and tell what it said."""
    said: list[str] = []
    if rows:
        shop.deliver(workspace, "web", rows)
    incremental(workspace, shop.definition(shop.Choices(**choices)), said.append)
    return said


def table(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    con = connect(published(workspace) / "journeys.duckdb", read_only=True)
    try:
        return run(con, sql)
    finally:
        con.close()


OWNERS = "SELECT event_id, person_id FROM events ORDER BY event_id"
USER = "user:shop:1"
FIRST = {"events", "session_starts"}
"""What no change below may build anew."""
CHANGES: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "a_target": ({"kpi_target": 0.6}, {"kpi_status"}, {"sessions", "journeys", "journey_steps", "kpi_units"}),
    "a_cap_on_identifiers": ({"user_cap": 1}, set(), {"sessions", "journeys", "journey_steps", "kpi_units"}),
    "a_pair_unlinked": ({"unlinks_first_user": True}, set(), {"sessions", "journeys", "journey_steps", "kpi_units"}),
    "a_persona": ({"returns": 2}, {"sessions", "journeys", "kpi_units"}, {"people", "journey_steps", "stage_visits"}),
    "the_window_of_a_kpi": (
        {"kpi_window": 5},
        {"login_success_rate", "kpi_units", "kpi_status"},
        {"sessions", "people", "journeys"},
    ),
    "the_length_of_a_period": ({"period_days": 1}, {"periods", "kpi_status", "transitions"}, {"sessions", "kpi_units"}),
    "the_touchpoints_of_a_stage": (
        {"looks_in_cart": True},
        {"journey_steps", "stage_visits", "journeys", "transitions", "kpi_units"},
        {"sessions", "people"},
    ),
}
"""What is said otherwise; what must be built anew for it, and what must not."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_definition_builds_anew_only_what_rests_on_it(change: str, workspace: Workspace) -> None:
    choices, must, must_not = CHANGES[change]
    rows = [web("e01", 0, user="1", email="ann@shop.example"), web("e02", 5, "cart", user="1"), web("e03", 9, user="2")]
    night(workspace, *rows)
    said = night(workspace, **choices)
    anew = {line.removeprefix("rebuild ") for line in said if line.startswith("rebuild ")}
    assert said[0] == "copy the published file"
    assert anew >= must
    assert not anew & (FIRST | must_not)
    with full(workspace, shop.definition(shop.Choices(**choices))) as afresh:
        assert_same(everything(published(workspace)), everything(afresh))


def test_how_far_back_a_login_names_its_device_is_read_anew_for_all_nights(workspace: Workspace) -> None:
    """A visit ends 40 minutes before its device logs in: the user's within an hour, nobody's they know within 20 minutes."""
    device = "device:web:d1"
    night(workspace, web("e01", 0, device="d1"), web("e02", 40, device="d1", user="1"))
    night(workspace, web("e03", 200, user="2"))
    assert table(workspace, OWNERS) == [("e01", id_of(USER)), ("e02", id_of(USER)), ("e03", id_of("user:shop:2"))]
    night(workspace, attribute_back=20)
    assert table(workspace, OWNERS) == [("e01", id_of(device)), ("e02", id_of(USER)), ("e03", id_of("user:shop:2"))]
    with full(workspace, shop.definition(shop.Choices(attribute_back=20))) as afresh:
        assert_same(everything(published(workspace)), everything(afresh))


@pytest.mark.parametrize("choices", [{"session_gap": 45}, {"is_by_source": True}, {"blocks_first_device": True}])
def test_where_events_are_read_otherwise_everything_is_built_anew(choices: Any, workspace: Workspace) -> None:
    night(workspace, web("e01", 0, device="d1", user="1"))
    assert "copy the published file" not in night(workspace, **choices)


RESTATED = (
    "SELECT kpi, day, persona, old_value, new_value, old_n_units, new_n_units, cause FROM restatements ORDER BY ALL"
)
TRIES = [
    web("e01", MORNING, "sign_in", user="1"),
    web("e02", MORNING, "sign_in", user="2"),
    web("e03", MORNING + 30, "signed_in", user="2"),
    web("e04", 0, user="3"),
]


def test_a_late_event_on_a_closed_day_leaves_a_row_per_figure_that_changed(workspace: Workspace) -> None:
    night(workspace, *TRIES)
    night(workspace, web("e05", 10, user="3"))
    assert table(workspace, RESTATED) == []
    night(workspace, web("e06", MORNING + 2, "signed_in", user="1"))
    rows = [("login_success_rate", DAY, persona, 0.5, 1.0, 2, 2, "events came late") for persona in ("(all)", "other")]
    assert table(workspace, RESTATED) == rows
    night(workspace, web("e07", 15, user="3"))
    assert table(workspace, RESTATED) == rows


def test_a_unit_that_comes_late_to_a_closed_day_is_restated_by_their_number(workspace: Workspace) -> None:
    night(workspace, *TRIES)
    night(workspace, web("e06", MORNING + 2, "sign_in", user="3"))
    rows = [row[2:7] for row in table(workspace, RESTATED) if row[0] == "login_success_rate"]
    assert rows == [(persona, 0.5, 1 / 3, 2, 3) for persona in ("(all)", "other")]


@pytest.mark.parametrize("days_late", [1, 150], ids=["amid_the_days_known", "before_them_all"])
def test_the_first_unit_of_a_closed_day_restates_that_there_was_none(days_late: int, workspace: Workspace) -> None:
    night(workspace, *TRIES, web("e05", -5, "sign_in", user="3"))
    night(workspace, web("e06", MORNING + (1 if days_late == 1 else -150) * 24 * 60, "sign_in", user="4"))
    day = DAY + timedelta(days=1 if days_late == 1 else -150)
    rows = [row for row in table(workspace, RESTATED) if row[0] == "login_success_rate"]
    assert rows == [
        ("login_success_rate", day, persona, None, 0.0, 0, 1, "events came late") for persona in ("(all)", "other")
    ]


def test_a_figure_that_people_linked_otherwise_move_says_so(workspace: Workspace) -> None:
    night(workspace, *TRIES, web("e05", 10, user="1", email="ann@shop.example"), web("e06", 12, user="2"))
    night(workspace, web("e07", 15, user="2", email="ann@shop.example"))
    causes = {(row[0], row[7]) for row in table(workspace, RESTATED) if row[1] == DAY}
    assert causes >= {("conversion_rate", "people were linked otherwise")}


def test_a_figure_that_a_changed_definition_moves_says_so(workspace: Workspace) -> None:
    night(workspace, *TRIES)
    night(workspace, kpi_window=5)
    cause = "computed otherwise: the definition or the code changed"
    assert table(workspace, RESTATED) == [
        ("login_success_rate", DAY, persona, 0.5, 0.0, 2, 2, cause) for persona in ("(all)", "other")
    ]


def test_a_kpi_that_is_defined_no_more_says_so(workspace: Workspace) -> None:
    night(workspace, *TRIES)
    definition = shop.definition(shop.Choices())
    left = {name: kpi for name, kpi in definition.kpis.items() if name != "login_success_rate"}
    incremental(workspace, definition.model_copy(update={"kpis": left}), lambda line: None)
    cause = "computed otherwise: the definition or the code changed"
    assert {row[7] for row in table(workspace, RESTATED) if row[0] == "login_success_rate"} == {cause}


PERSON_CHANGES = "SELECT change, identifier, old_person_id, new_person_id FROM person_changes ORDER BY change"


def test_who_turns_out_to_be_one_with_somebody_is_merged_and_split_again_by_unlink(workspace: Workspace) -> None:
    night(workspace, web("e01", 0, user="1"), web("e02", 5, email="ann@shop.example"))
    assert table(workspace, PERSON_CHANGES) == []
    night(workspace, web("e03", 9, user="1", email="ann@shop.example"))
    merged = ("merged", USER, id_of(USER), id_of(ANN))
    assert table(workspace, PERSON_CHANGES) == [merged]
    night(workspace, unlinks_first_user=True)
    assert table(workspace, PERSON_CHANGES) == [merged, ("split", USER, id_of(ANN), id_of(USER))]


def test_who_gets_a_smaller_identifier_is_renamed(workspace: Workspace) -> None:
    night(workspace, web("e01", 0, user="1"))
    night(workspace, web("e02", 5, user="1", email="ann@shop.example"))
    assert table(workspace, PERSON_CHANGES) == [("renamed", USER, id_of(USER), id_of(ANN))]
