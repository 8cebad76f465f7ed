"""The cases on which tools disagree: each tool's answer, ours, and the page that tells them."""

from datetime import datetime, timedelta
from functools import cache

import pandas as pd
import pytest

from journey_mining import from_pandas, funnel
from tests.journey_mining.drawn import steps_of
from tests.journey_mining.funnel_cases import CASES, OPEN, TOOLS
from tests.journey_mining.semantics_page import PAGE, page


@cache
def log_of(events):
    """A log of one person's events."""
    drawn = [event.split() for event in events.split(", ")]
    rows = [("ann", name, pd.Timestamp(f"2024-05-01 {at}")) for name, at in drawn]
    frame = pd.DataFrame(rows, columns=["person", "event", "time"])
    return from_pandas(frame, person="person", event="event", time="time")


def table_of(case, **how):
    return funnel(log_of(case.events), case.stages, case.window, **case.how | how)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_s_answer(case, tool):
    if case.answers[tool] is None:
        pytest.skip("the tool has no such funnel, or nothing says")
    table = table_of(case, semantics=tool)
    assert table["n_entries"].sum() == case.answers[tool]
    assert table["n_open"].sum() == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_our_answer(case):
    table = table_of(case, as_of=case.known_until)
    assert table["n_entries"].sum() == (0 if case.ours == OPEN else case.ours)
    assert table["n_open"].sum() == (case.ours == OPEN)
    for words, depth in case.also.items():
        name, value = words.split("=")
        assert table_of(case, as_of=case.known_until, **{name: value.strip("'")})["n_entries"].sum() == depth


def test_the_excluded_attempt_is_counted():
    case = next(case for case in CASES if "exclude" in case.how)
    assert table_of(case, as_of=case.known_until)["n_excluded"].tolist() == [1, 0]


def test_mixpanel_s_totals_are_all_attempts():
    """Two entries, one conversion."""
    case = next(case for case in CASES if "exclude" in case.how)
    assert table_of(case, semantics="mixpanel", entry="all")["n_entries"].tolist() == [2, 1]


def test_what_is_given_goes_before_what_a_tool_would_do():
    case = next(case for case in CASES if case.ours == OPEN)
    assert table_of(case, semantics="posthog", as_of=datetime(2024, 5, 2))["n_open"].tolist() == [1, 0]


@pytest.mark.parametrize(("tool", "days"), [("posthog", 14), ("mixpanel", 7)])
def test_a_tool_s_window_is_its_own_where_none_is_given_and_includes_its_end(tool, days):
    def depth(**over):
        times = [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-01") + timedelta(days=days, **over)]
        frame = pd.DataFrame({"person": "ann", "event": ["A", "B"], "time": times})
        log = from_pandas(frame, person="person", event="event", time="time")
        return funnel(log, ["A", "B"], semantics=tool)["n_entries"].sum()

    assert (depth(), depth(seconds=1)) == (2, 1)


def test_three_seconds_are_no_instant_for_mixpanel_either():
    assert funnel(log_of("B 09:00:00, A 09:00:03"), ["A", "B"], "1h", semantics="mixpanel")["n_entries"].tolist() == [
        1,
        0,
    ]


@pytest.mark.parametrize("tool", TOOLS)
def test_some_tools_count_people_whose_journeys_are_then_one(tool):
    """Ann fills a cart in one journey, fills it again in the next, and pays there."""
    steps = steps_of("""
        journey_id | person_id | stage
        -----------+-----------+------
        a          | ann       | cart
        b          | ann       | cart
        b          | ann       | pay
    """)
    n_people, n_journeys = [1, 1], [2, 1]
    counts_people = tool in ("posthog", "mixpanel", "amplitude")
    found = funnel(steps, ["cart", "pay"], "1h", semantics=tool)
    assert found["n_entries"].tolist() == (n_people if counts_people else n_journeys)
    for count, n in {"people": n_people, "journeys": n_journeys}.items():
        assert funnel(steps, ["cart", "pay"], "1h", semantics=tool, count=count)["n_entries"].tolist() == n


def test_the_page_tells_what_is_tested():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.journey_mining.semantics_page"
