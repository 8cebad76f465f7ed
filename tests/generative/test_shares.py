"""Every share that the map tells has the interval of its units, each with whose it is: in plain Python, of a build with everything in it."""

from collections import defaultdict
from itertools import pairwise

import pytest

from connectors.engine import run
from tests.reference.intervals import rate_interval

JOURNEYS = """
SELECT outcomes.journey, journey_id, persona, period, coalesce(person_id, journey_id), outcome
FROM journey_outcomes AS outcomes
JOIN periods ON 'journey:' || outcomes.journey = measure AND started_on BETWEEN first_on AND last_on
WHERE is_mature
"""
VISITS = "SELECT journey_id, stage FROM stage_visits ORDER BY journey_id, visit_number"
TOUCHES = "SELECT DISTINCT journey_id, stage, touchpoint, coalesce(channel, '') FROM journey_steps"
ENDS = {"succeeded": "(success)", "dropped": "(dropped)", "active": "(active)"}


@pytest.fixture(scope="module")
def groups(sample):
    """The mature journeys of each journey definition, persona (everyone too) and period: (whose it is, id, outcome)."""
    found = defaultdict(list)
    for journey, journey_id, persona, period, cluster, outcome in run(sample, JOURNEYS):
        for one in (persona, "(all)"):
            found[journey, one, period].append((cluster, journey_id, outcome))
    return found


@pytest.fixture(scope="module")
def stages(sample):
    """The stages that each journey visits, in order."""
    found = defaultdict(list)
    for journey_id, stage in run(sample, VISITS):
        found[journey_id].append(stage)
    return found


def assert_intervals(found, units):
    """Hold (key, share, low, high) against the units of each key, as (whose it is, 1 or 0)."""
    n_wide = 0
    for key, share, low, high in found:
        own = units(*key)
        if not own:
            assert (share, low, high) == (None, None, None), key
            continue
        assert share == pytest.approx(sum(hit for _, hit in own) / len(own)), key
        assert (low, high) == pytest.approx(rate_interval(own), abs=1e-9), key
        n_wide += low is not None and low < share < high
    assert n_wide > 20


def read(con, sql, n_keys):
    return [(row[:n_keys], *row[n_keys:]) for row in run(con, sql)]


def test_the_share_of_journeys_that_reach_a_stage(sample, groups, stages):
    sql = "SELECT journey, persona, period, stage, share_of_journeys, share_low, share_high FROM stage_dropoff"

    def units(journey, persona, period, stage):
        return [(whose, stage in stages[one]) for whose, one, _ in groups[journey, persona, period]]

    assert_intervals(read(sample, sql, 4), units)


def test_the_share_of_journeys_at_a_stage_that_touch_a_touchpoint(sample, groups, stages):
    touches = {row[0]: set() for row in run(sample, TOUCHES)}
    for journey_id, *touch in run(sample, TOUCHES):
        touches[journey_id].add(tuple(touch))
    sql = """
        SELECT journey, persona, period, stage, touchpoint, channel, share_of_journeys, share_low, share_high
        FROM stage_touchpoint_use"""

    def units(journey, persona, period, stage, touchpoint, channel):
        own = groups[journey, persona, period]
        return [
            (whose, (stage, touchpoint, channel or "") in touches[one]) for whose, one, _ in own if stage in stages[one]
        ]

    assert_intervals(read(sample, sql, 6), units)


def test_the_share_of_visits_that_lead_somewhere(sample, groups, stages):
    sql = """
        SELECT journey, persona, period, from_stage, to_stage, probability, probability_low, probability_high
        FROM transitions
        WHERE to_stage <> '(open)'"""

    def units(journey, persona, period, source, target):
        found = []
        for whose, one, outcome in groups[journey, persona, period]:
            path = ["(start)", *stages[one], ENDS[outcome]]
            found += [(whose, there == target) for here, there in pairwise(path) if here == source]
        return found

    assert_intervals(read(sample, sql, 5), units)
