"""Checks: each finds what it names in a bad table, and nothing in a good one."""

import pytest

from pipelines import models
from tests.drawn import build
from tests.drawn_warehouse import warehouse

EVENTS = "event_id | session_id | person_id | user_id | occurred_on\n"
STEPS = "journey_id | step_number\n"
STATUS = "period | value | low | high | n_units\n"
EDGES = "persona | period | from_stage | to_stage | n_transitions | n_open\n"
RATE = {"kpi_targets": "kpi | statistic\ncsat_score | rate"}

CASES = {
    "coverage__rules_match_most_events": (
        {"coverage": "source | event_name | touchpoint\nweb | add | cart\nweb | scroll |"},
        {"coverage": "source | event_name | touchpoint\nweb | add | cart\ndesk | scroll |"},
    ),
    "events__all_landed_events_are_there": (
        {
            "deliveries": "load_seq | n_events\n1 | 2\n2 | 1",
            "outdated_records": "n_events\n1",
            "events": "event_id\na\nb",
        },
        {"deliveries": "load_seq | n_events\n1 | 2", "events": "event_id\na"},
        {"deliveries": "load_seq | n_events\n1 | 1", "events": "event_id\na\nb"},
    ),
    "events__event_id_is_unique": ({"events": "event_id\na\nb"}, {"events": "event_id\na\na"}),
    "events__every_event_has_a_local_day": ({"events": EVENTS + "a | | | | 05-01"}, {"events": EVENTS + "a | | | |"}),
    "events__every_identified_event_has_a_person": (
        {
            "events": EVENTS + "a | | ann | 42 | 05-01\nb | | | | 05-01\nc | | | null | 05-01",
            "visits": "visit_no | login | stream_space\n1 | user:web:42 |\n2 | |",
        },
        {"events": [{"event_id": "a", "visit_no": 1}], "visits": "visit_no | login | stream_space\n1 | user:web:42 | "},
        {"events": [{"event_id": "a", "visit_no": 1}], "visits": "visit_no | login | stream_space\n1 | | device:web:"},
    ),
    "journey_outcomes__partition_mature_journeys": (
        {"journey_totals": "n_journeys | n_succeeded | n_dropped | n_active | n_open\n6 | 1 | 2 | 3 | 9"},
        {"journey_totals": "n_journeys | n_succeeded | n_dropped | n_active | n_open\n6 | 1 | 2 | 2 | 1"},
    ),
    "journey_steps__are_numbered_without_gaps": (
        {"journey_steps": STEPS + "a | 1\na | 2\nb | 1"},
        {"journey_steps": STEPS + "a | 1\na | 3"},
        {"journey_steps": STEPS + "a | 2\na | 3"},
        {"journey_steps": STEPS + "a | 1\na | 1\na | 3"},
    ),
    "journeys__end_after_they_start": (
        {"journeys": "started_at | last_step_at\n09:00 | 09:00"},
        {"journeys": "started_at | last_step_at\n09:00 | 08:59"},
    ),
    "kpi_daily__add_up_to_all": (
        {
            "kpi_daily": "kpi | persona | n_units\ncsat | (all) | 1\ncsat | (all) | 2",
            "kpi_status": "kpi | period | n_units\ncsat | all | 3\ncsat | current | 2",
        },
        {
            "kpi_daily": "kpi | persona | n_units\ncsat | (all) | 1",
            "kpi_status": "kpi | period | n_units\ncsat | all | 3",
        },
    ),
    "kpi_status__rates_lie_between_0_and_1": (
        {"kpi_status": STATUS + "all | 0.5 | 0.2 | 0.8 | 9\ncurrent | | | | 0\nprevious | 0.5 | | | 1", **RATE},
        {"kpi_status": STATUS + "all | 0.1 | 0.2 | 0.8 | 9", **RATE},
        {"kpi_status": STATUS + "all | 0.9 | 0.2 | 1.1 | 9", **RATE},
    ),
    "kpi_units__have_one_row_each": (
        {"kpi_units": "kpi | unit_id\ncsat | a\ncsat | b\nlogin | a"},
        {"kpi_units": "kpi | unit_id\ncsat | a\ncsat | a"},
    ),
    "sessions__are_separated_by_the_gap": (
        {
            "sessions": "person_id | started_at | ended_at\nann | 09:00 | 09:10\nann | 09:40:01 | 10:00\nbob | 09:00 | 10:00"
        },
        {"sessions": "person_id | started_at | ended_at\nann | 09:00 | 09:10\nann | 09:40 | 10:00"},
    ),
    "sessions__belong_to_one_person": (
        {"events": EVENTS + "a | s | ann | |\nb | s | ann | |\nc | | bob | |"},
        {"events": EVENTS + "a | s | ann | |\nb | s | bob | |"},
    ),
    "sessions__count_every_session_event": (
        {"sessions": "session_id | n_events\ns | 2", "events": EVENTS + "a | s | | |\nb | s | | |\nc | | | |"},
        {"sessions": "session_id | n_events\ns | 2", "events": EVENTS + "a | s | | |"},
    ),
    "transitions__conserve_flow": (
        {
            "transitions": EDGES
            + "a | all | (start) | look | 2 | 1\na | all | look | (dropped) | 2 | 0\na | all | look | (open) | 0 | 1"
        },
        {"transitions": EDGES + "new | all | (start) | look | 2 | 1\nnew | all | look | (dropped) | 2 | 0"},
    ),
}
"""By check: good tables, then bad ones."""


def offences(check, tables):
    con = warehouse()
    build(con, models.tables_read(models.checks()[check].sql), tables)
    rows = con.execute(models.checks()[check].sql).fetchall()
    con.close()
    return rows


@pytest.mark.parametrize("check", models.checks())
def test_a_check_is_silent_on_good_tables_and_fires_on_bad_ones(check):
    good, *bad = CASES[check]
    assert offences(check, good) == []
    assert all(offences(check, tables) for tables in bad)


def test_overlapping_sessions_of_the_source_are_no_offence():
    tables = {
        "settings": "session_rule\nsource",
        "sessions": "person_id | started_at | ended_at\nann | 09:00 | 09:10\nann | 09:05 | 10:00",
    }
    assert offences("sessions__are_separated_by_the_gap", tables) == []
