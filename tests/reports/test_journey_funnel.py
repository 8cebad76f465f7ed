"""The funnel of the page, counted from visits, is the one that the library counts from steps."""

from contextlib import closing
from datetime import datetime, timedelta
from itertools import accumulate, groupby

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_mining import funnel
from pipelines.journey_funnel import journey_funnel
from tests.examples import examples

STAGES = ("search", "cart", "buy")
WINDOW = 180
BETWEEN = ("share_of_previous", "n_lost", "low", "high", "median_seconds")
"""What is told of a stage and the one before it."""
NOON = datetime(2024, 5, 1, 12)

steps = st.lists(st.tuples(st.sampled_from((*STAGES, "support")), st.integers(0, 3)), min_size=1, max_size=9)
"""A stage, and the minutes since the step before: many at one instant, some journeys longer than the window."""
journeys = st.lists(st.tuples(st.sampled_from(["ann", "bob", "cleo", None]), steps), min_size=1, max_size=20)


def tables(found) -> dict[str, pd.DataFrame]:
    """The tables that the funnel reads; ann and bob begin as newcomers, the others never."""
    taken = [
        {
            "journey": "purchase",
            "journey_id": f"journey {number}",
            "person_id": person,
            "step_number": place,
            "occurred_at": NOON + timedelta(minutes=minutes),
            "stage": stage,
            "stage_position": (*STAGES, "support").index(stage) + 1,
            "visit_number": visit,
        }
        for number, (person, walk) in enumerate(found)
        for place, ((stage, _), minutes, visit) in enumerate(
            zip(walk, accumulate(wait for _, wait in walk), visit_numbers(walk), strict=True), 1
        )
    ]
    outcomes = [
        {
            "journey_id": f"journey {number}",
            "person_id": person,
            "persona": "new" if person in ("ann", "bob") else "old",
            "is_mature": True,
            "outcome": "dropped",
        }
        for number, (person, _) in enumerate(found)
    ]
    by_visit = pd.DataFrame(taken).groupby(["journey", "journey_id", "visit_number"], as_index=False)
    return {
        "journey_steps": pd.DataFrame(taken),
        "journey_outcomes": pd.DataFrame(outcomes),
        "stage_visits": by_visit.agg(
            stage_position=("stage_position", "first"),
            entered_at=("occurred_at", "min"),
            last_step_at=("occurred_at", "max"),
        ),
        "stages": pd.DataFrame(
            {"journey": "purchase", "stage": [*STAGES, "support"], "position": range(1, len(STAGES) + 2)}
        ),
        "journey_definitions": pd.DataFrame([{"journey": "purchase", "window_seconds": WINDOW}]),
    }


def visit_numbers(walk) -> list[int]:
    """The number of the visit that each step lies in."""
    runs = [len(list(run)) for _, run in groupby(stage for stage, _ in walk)]
    return [number for number, length in enumerate(runs, 1) for _ in range(length)]


@examples(8)
@given(journeys)
def test_the_funnel_of_visits_is_that_of_steps(found):
    published = tables(found)
    with closing(duckdb.connect()) as con:
        for name, table in published.items():
            con.register(name, table)
        rows = journey_funnel(con, "purchase", len(STAGES))
    taken = published["journey_steps"].merge(published["journey_outcomes"][["journey_id", "persona", "outcome"]])
    for persona in ("(all)", "new", "old"):
        theirs = taken[(persona == "(all)") | (taken.persona == persona)]
        if theirs.empty:
            continue
        counted = [row for row in rows if row["persona"] == persona]
        if STAGES[0] not in set(theirs.stage):  # in steps alone, a first stage that nobody has would be a slip
            assert counted == []
            continue
        wanted = funnel(theirs, STAGES, timedelta(seconds=WINDOW), by="stage", as_of=datetime.max)
        assert len(counted) == (wanted.n_journeys > 0).sum()
        for row, one in zip(counted, wanted.to_dict("records"), strict=False):
            for column in ("stage", "position", "n_journeys", "n_people", "share_of_first"):
                assert row[column] == one[column]
            for column in BETWEEN if row["position"] > 1 else ():
                known = None if pd.isna(one[column]) else pytest.approx(one[column])
                assert row[column] == known, column
            assert row["low"] is None or row["low"] <= row["share_of_previous"] <= row["high"]
