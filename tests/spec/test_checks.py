"""Checks: each finds what it names in a bad table, and nothing in a good one."""

import pytest

from pipelines import models
from tests.drawn import build
from tests.drawn_warehouse import warehouse

EVENTS = "event_id | session_id | person_id | user_id | occurred_on\n"
STEPS = "journey_id | step_number\n"
STATUS = "period | value | low | high | n_units\n"
EDGES = "persona | period | from_stage | to_stage | n_transitions | n_open\n"
ENDS = "journey_id | journey | persona | outcome | is_mature | last_stage\n"
SEEN = "event_id | session_id | occurred_at\n"
IDENTIFIERS = "identifier | kind | person_id\n"
BLOCKED = [
    {"kind": "user", "namespace": "shop", "value": "till"},
    {"kind": "email", "namespace": "", "value": "shared-1"},
]
LINKS = "left_identifier | right_identifier\n"
OUTCOMES = "journey_id | journey | persona | outcome\n"
TOTALS = "journey | persona | period | n_succeeded | n_dropped | n_active | n_open\n"
DROPOFF = "journey | stage | persona | period | n_journeys | n_dropped\n"
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
    "events__add_up_to_people": (
        {"people": "n_events\n2\n1", "events": EVENTS + "a | | ann | |\nb | | ann | |\nc | | bob | |\nd | | | |"},
        {"people": "n_events\n2\n2", "events": EVENTS + "a | | ann | |\nb | | ann | |\nc | | bob | |"},
        {"people": "n_events\n1", "events": EVENTS},
    ),
    "identifiers__are_a_partition": (
        {
            "identifiers": IDENTIFIERS + "user:web:1 | user | ann\nemail:a | email | ann",
            "events": EVENTS + "a | | ann | |\nb | | | |",
        },
        {"identifiers": IDENTIFIERS + "user:web:1 | user | ann\nuser:web:1 | user | bob"},
        {"identifiers": IDENTIFIERS + "user:web:1 | user | ann", "events": EVENTS + "a | | bob | |"},
    ),
    "identifiers__name_somebody": (
        {
            "identifiers": IDENTIFIERS + "user:web:1 | user | ann\nuser:desk:till | user | cem\nemail:a | email | ann",
            "blocked_identifiers": BLOCKED,
        },
        {"identifiers": IDENTIFIERS + "user:shop:till | user | cem", "blocked_identifiers": BLOCKED},
        {"identifiers": IDENTIFIERS + "email:shared-1 | email | cem", "blocked_identifiers": BLOCKED},
    ),
    "identifiers__stay_within_the_cap": (
        {
            "identifier_caps": "kind | most\nperson | 2\nuser | 1",
            "identifiers": IDENTIFIERS
            + "user:web:1 | user | ann\nuser:web:2 | user | ann\norder:web:7 | order | ann\nemail:b | email | bob",
        },
        {
            "identifier_caps": "kind | most\nperson | 2",
            "identifiers": IDENTIFIERS + "user:web:1 | user | ann\nemail:a | email | ann\nphone:1 | phone | ann",
        },
    ),
    "identity_links__name_somebody": (
        {"identity_links": LINKS + "email:a | user:shop:1", "blocked_identifiers": BLOCKED},
        {"identity_links": LINKS + "email:a | user:shop:till", "blocked_identifiers": BLOCKED},
        {"identity_links": LINKS + "email:shared-1 | user:shop:1", "blocked_identifiers": BLOCKED},
    ),
    "identity_links__stay_within_the_cap": (
        {
            "identifier_caps": "kind | most\nphone | 2",
            "identity_links": LINKS
            + "phone:1 | user:web:1\nphone:1 | user:web:2\nphone:1 | user:web:3\norder:web:7 | phone:1",
            "suspended_links": "left_identifier | right_identifier | reason\nphone:1 | user:web:3 | unlinked",
        },
        {
            "identifier_caps": "kind | most\nphone | 2",
            "identity_links": LINKS + "phone:1 | user:web:1\nphone:1 | user:web:2\nemail:a | phone:1",
            "suspended_links": [],
        },
    ),
    "journey_totals__count_outcomes": (
        {
            "journey_outcomes": OUTCOMES + "a | buy | new | succeeded\nb | buy | new | dropped\nc | buy | old | open",
            "journey_totals": TOTALS
            + "buy | new | all | 1 | 1 | 0 | 0\nbuy | old | all | 0 | 0 | 0 | 1\nbuy | (all) | all | 1 | 1 | 0 | 1"
            + "\nbuy | (all) | current | 9 | 9 | 9 | 9",
        },
        {
            "journey_outcomes": OUTCOMES + "a | buy | new | succeeded",
            "journey_totals": TOTALS + "buy | new | all | 1 | 0 | 0 | 0\nbuy | (all) | all | 0 | 1 | 0 | 0",
        },
    ),
    "sessions__end_after_they_start": (
        {
            "sessions": "session_id | started_at | ended_at\ns | 09:00 | 09:10",
            "events": SEEN + "a | s | 09:00\nb | s | 09:10",
        },
        {
            "sessions": "session_id | started_at | ended_at\ns | 09:10 | 09:00",
            "events": SEEN + "a | s | 09:00\nb | s | 09:10",
        },
        {
            "sessions": "session_id | started_at | ended_at\ns | 09:00 | 09:20",
            "events": SEEN + "a | s | 09:00\nb | s | 09:10",
        },
    ),
    "sessions__hold_no_longer_silence": (
        {"events": SEEN + "a | s | 09:00\nb | s | 09:30\nc | t | 10:01\nd | | 12:00"},
        {"events": SEEN + "a | s | 09:00\nb | s | 09:30\nc | s | 10:00:01"},
    ),
    "stage_dropoff__counts_visits": (
        {
            "stage_visits": "journey_id | stage\na | look\na | look\nb | look\nb | buy",
            "journey_outcomes": ENDS + "a | buy | new | dropped | yes | look\nb | buy | new | succeeded | yes | buy",
            "stage_dropoff": DROPOFF
            + "buy | look | new | all | 2 | 1\nbuy | look | (all) | all | 2 | 1\nbuy | buy | new | all | 1 | 0\nbuy | buy | (all) | all | 1 | 0",
        },
        {
            "stage_visits": "journey_id | stage\na | look",
            "journey_outcomes": ENDS + "a | buy | new | dropped | yes | look",
            "stage_dropoff": DROPOFF + "buy | look | new | all | 1 | 1\nbuy | look | (all) | all | 2 | 1",
        },
    ),
}
"""By check: good tables, then bad ones."""


CHECKS = {**models.checks(), **models.slow_checks()}


def offences(check, tables):
    con = warehouse()
    build(con, models.tables_read(CHECKS[check].sql), tables)
    rows = con.execute(CHECKS[check].sql).fetchall()
    con.close()
    return rows


@pytest.mark.parametrize("check", CHECKS)
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
