"""The summary of a run says what the pages say, of the same journeys and days, in the same words."""

import pytest

from pipelines.findings import findings
from pipelines.kpi_board import kpi_board
from tests.reports.html_reader import Page


@pytest.fixture
def summed_up(published):
    """The published tables, with those that only the summary reads."""
    published.execute("CREATE TABLE coverage (source VARCHAR, event_name VARCHAR, touchpoint VARCHAR, n_events BIGINT)")
    published.execute("CREATE TABLE events (source VARCHAR, event_name VARCHAR, is_passive BOOLEAN)")
    published.execute("ALTER TABLE pain_points ADD COLUMN sentence VARCHAR").fetchall()
    return published


def test_the_worst_stage_is_a_share_of_journeys_begun_on_certain_days(summed_up) -> None:
    """Of the 60 + 25 + 15 + 14 + 11 journeys that reach Awareness, 60 + 11 end there, dropped: 71 of 125."""
    said = findings(summed_up).worst_stage
    assert said.startswith("Awareness: 56.8% of the 125 journeys that reach it leave there for good (95% interval ")
    assert said.endswith("; journeys begun 14–23 Mar 2024")


def test_kpis_are_counted_as_on_the_board(summed_up) -> None:
    said = findings(summed_up).kpis_off_target
    assert said == "2 missed: Cart abandonment rate, Csat mean; 1 met, not certain; 1 met; 2 not measured"
    chips = [one["text"] for one in Page(kpi_board(summed_up)).all("li") if not one["is_hidden"]]
    assert [part.split(":")[0] for part in said.split("; ")] == chips


def test_a_kpi_that_is_missed_but_not_for_certain_is_told_apart(summed_up) -> None:
    summed_up.execute("UPDATE kpi_status SET is_certain = FALSE WHERE kpi = 'csat_mean'").fetchall()
    assert findings(summed_up).kpis_off_target.startswith(
        "1 missed: Cart abandonment rate; 1 missed, not certain: Csat mean; "
    )


def test_one_of_a_thing_is_not_many(summed_up) -> None:
    summed_up.execute("UPDATE build SET n_people = 1, n_events = 1, n_journeys = 1").fetchall()
    found = findings(summed_up)
    assert found.people == "1 person behind 1 event"
    assert found.journeys.startswith("1 journey, ")


def test_the_name_of_an_event_cannot_steer_a_terminal(summed_up) -> None:
    summed_up.execute("INSERT INTO coverage VALUES ('web', chr(27) || '[2Jx', NULL, 7), ('web', 'view', 'page', 9)")
    said = "7 events of 1 name match no touchpoint, most of them '\\x1b[2Jx' of web (7); the table coverage lists them"
    assert findings(summed_up).unmatched == said


def test_facts_need_no_touchpoint(summed_up) -> None:
    summed_up.execute("INSERT INTO coverage VALUES ('orders', 'shipped', NULL, 7), ('web', 'ping', NULL, 1)")
    summed_up.execute("INSERT INTO events VALUES ('orders', 'shipped', TRUE), ('web', 'ping', FALSE)")
    assert findings(summed_up).unmatched.startswith("1 event of 1 name matches no touchpoint, most of them 'ping'")
