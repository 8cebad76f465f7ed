"""The library mines from the published steps what the published tables say."""

from collections.abc import Callable

import pytest

import journey_mining as jm
from pipelines.run import Outcome

STEPS = """
SELECT s.journey_id, s.person_id, s.step_number, s.occurred_at, s.stage, s.touchpoint, o.outcome
FROM journey_steps AS s JOIN journey_outcomes AS o USING (journey_id)
WHERE s.journey = 'purchase'
"""


@pytest.mark.xdist_group("demo")
def test_transitions_mined_in_python_equal_the_published_ones(demo_shop: Outcome, open_tables: Callable) -> None:
    con = open_tables(demo_shop)
    mined = jm.transitions(con.execute(STEPS).fetchdf())
    published = con.execute("""
        SELECT from_stage, to_stage, n_transitions, n_journeys, n_people, n_open FROM transitions
        WHERE journey = 'purchase' AND persona = '(all)' AND period = 'all'
    """).fetchall()
    columns = ["from", "to", "n_transitions", "n_journeys", "n_people", "n_open"]
    assert sorted(map(tuple, mined[columns].to_numpy().tolist())) == sorted(published)
