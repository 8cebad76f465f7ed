"""Journeys in SQL agree with plain Python, and with journey_mining, on any few touches; and flow is conserved."""

from collections import Counter
from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journey_mining
from connectors.engine import run
from pipelines import models
from tests.drawn import build
from tests.reference import journeys as reference
from tests.reference.journeys import Rules, Touch

START = datetime(2024, 5, 1)
STAGES = [(f"stage {position}", position) for position in range(1, 5)]
GROUP = "WHERE persona = '(all)' AND period = 'all'"
MINUTES = st.integers(0, 24).map(lambda steps: timedelta(minutes=15 * steps))
SUBJECTS = st.sampled_from(["ann", "bob", "cid"])
TOUCHES = st.lists(st.tuples(SUBJECTS, MINUTES, st.integers(0, 1), st.integers(1, 4)), min_size=1, max_size=14).map(
    lambda drawn: [
        Touch(f"e{number:02}", subject, START + offset + timedelta(seconds=second), position, f"stage {position}")
        for number, (subject, offset, second, position) in enumerate(drawn)
    ]
)
RULES = st.builds(
    Rules,
    gap=st.sampled_from([None, timedelta(minutes=60), timedelta(minutes=120)]),
    session_gap=st.just(timedelta(minutes=30)),
    window=st.sampled_from([timedelta(minutes=45), timedelta(minutes=120)]),
    success=st.integers(1, 4),
    as_of=MINUTES.map(lambda offset: START + timedelta(hours=2) + offset),
    is_of_person=st.booleans(),
)


def built(con, names, touches, rules):
    """Build the tables from touches; a journey that is not of a person is of a ticket."""
    subject = "person" if rules.is_of_person else "ticket"
    gap = rules.gap and int(rules.gap.total_seconds())
    build(
        con,
        names,
        {
            "kpi_units": [],
            "settings": [{"session_gap_seconds": int(rules.session_gap.total_seconds())}],
            "journey_definitions": [
                {
                    "subject": subject,
                    "gap_seconds": gap,
                    "window_seconds": int(rules.window.total_seconds()),
                    "success_position": rules.success,
                    "as_of": rules.as_of,
                }
            ],
            "stages": [
                {"stage": stage, "position": position, "is_success": position == rules.success}
                for stage, position in STAGES
            ],
            "stage_touchpoints": [{"stage": stage, "touchpoint": stage} for stage, _ in STAGES],
            "events": [
                {
                    "event_id": touch.event_id,
                    "person_id": touch.subject,
                    "ticket_id": touch.subject,
                    "occurred_at": touch.occurred_at,
                    "touchpoint": touch.stage,
                }
                for touch in touches
            ],
        },
    )


@given(touches=TOUCHES, rules=RULES)
def test_sql_and_plain_python_agree_where_journeys_begin_and_what_becomes_of_them(con, touches, rules):
    built(con, ["journey_outcomes"], touches, rules)
    journeys = reference.cut(touches, rules)
    steps = {
        (step.event_id, number, journey[0].occurred_at)
        for journey in journeys
        for number, step in enumerate(journey, 1)
    }
    assert (
        set(
            run(
                con,
                """
        SELECT event_id, step_number, started_at
        FROM journey_steps JOIN journeys ON journey_steps.journey_id = journeys.journey_id""",
            )
        )
        == steps
    )
    outcomes = Counter(
        (
            journey[0].subject,
            journey[0].occurred_at,
            reference.outcome(journey, rules),
            journey[-1].stage,
            journey[0].position == rules.success,
        )
        for journey in journeys
    )
    assert (
        Counter(run(con, "SELECT person_id, started_at, outcome, last_stage, is_direct FROM journey_outcomes"))
        == outcomes
    )


@given(touches=TOUCHES, rules=RULES)
def test_sql_and_plain_python_agree_on_transitions_and_dropoff(con, touches, rules):
    built(con, ["transitions", "stage_dropoff"], touches, rules)
    journeys = reference.cut(touches, rules)
    mature, open_ones = reference.transitions(journeys, rules)
    found = run(con, f"SELECT from_stage, to_stage, n_transitions, n_open FROM transitions {GROUP}")
    assert {(source, target): (n, n_open) for source, target, n, n_open in found} == {
        move: (mature[move], open_ones[move]) for move in mature.keys() | open_ones.keys()
    }
    expected = reference.dropoff(journeys, rules)
    found = run(
        con,
        f"""
        SELECT stage, n_journeys, n_people, n_dropped, dropoff_rate, dropoff_error, dropoff_low, dropoff_high, n_visits
        FROM stage_dropoff {GROUP} AND n_journeys > 0""",
    )
    assert {stage: numbers for stage, *numbers in found} == {
        stage: pytest.approx(numbers, abs=1e-6) for stage, numbers in expected.items()
    }


CONSERVED = [
    "transitions__conserve_flow",
    "journey_outcomes__partition_mature_journeys",
    "journey_steps__are_numbered_without_gaps",
]


@given(touches=TOUCHES, rules=RULES)
def test_nothing_is_lost_between_journeys_and_their_numbers(con, touches, rules):
    """Every touch is a step, flow is conserved, each journey enters and ends once, and outcomes partition the mature."""
    built(con, ["transitions", "journey_totals"], touches, rules)
    assert [run(con, models.checks()[check].sql) for check in CONSERVED] == [[], [], []]
    assert run(con, "SELECT count(*) FROM journey_steps") == [(len(touches),)]
    n_journeys = [(len(reference.cut(touches, rules)),)]
    assert run(con, "SELECT count(*) FROM journeys") == n_journeys
    assert run(con, f"SELECT sum(n_journeys + n_open) FROM journey_totals {GROUP}") == n_journeys
    assert (
        run(con, f"SELECT sum(n_transitions + n_open) FROM transitions {GROUP} AND from_stage = '(start)'")
        == n_journeys
    )
    assert (
        run(con, f"SELECT sum(n_transitions + n_open) FROM transitions {GROUP} AND starts_with(to_stage, '(')")
        == n_journeys
    )


@given(touches=TOUCHES, rules=RULES)
def test_the_sql_tables_and_the_library_tell_the_same(con, touches, rules):
    """Two implementations: transitions and drop-off of sql/, and those of journey_mining over the same steps."""
    built(con, ["transitions", "stage_dropoff"], touches, rules)
    steps = con.execute("""
        SELECT steps.journey_id, steps.person_id, step_number, occurred_at, stage, touchpoint, outcome
        FROM journey_steps AS steps JOIN journey_outcomes AS outcomes ON steps.journey_id = outcomes.journey_id""").df()
    moves = con.execute(f"""
        SELECT from_stage AS "from", to_stage AS "to", n_transitions, n_journeys, n_people, probability, median_seconds, p90_seconds, n_open
        FROM transitions {GROUP}""").df()
    stages = con.execute(f"""
        SELECT stage, n_journeys, n_people, n_dropped, dropoff_rate, dropoff_low, dropoff_high, dropoff_error, n_visits, exit_share,
            n_open_journeys AS n_open
        FROM stage_dropoff {GROUP}""").df()
    assert_same(journey_mining.transitions(steps, by="stage"), moves, ["from", "to"])
    assert_same(journey_mining.dropoff(steps, by="stage"), stages, ["stage"])


def assert_same(mined: pd.DataFrame, built: pd.DataFrame, key: list[str]) -> None:
    both = [table.set_index(key).sort_index()[list(built.columns.drop(key))] for table in (mined, built)]
    pd.testing.assert_frame_equal(*both, check_dtype=False, rtol=1e-9, atol=1e-6)
